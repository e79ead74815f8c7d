"""The pickers: model and image in the sidebar, a layer on a page."""

import sys
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alexcore.dashboard.caching import get_device, get_picture, get_runs, list_training_pictures
from alexcore.dashboard.session import (
    IMAGE_KEY,
    MODEL_KEY,
    UPLOADER_KEY,
    ImageChoice,
    ModelChoice,
    add_own_model,
    add_upload,
    get_uploads,
    list_model_choices,
    list_samples,
    load_image_choice,
)
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.folder import SUFFIXES
from alexcore.errors import CheckpointError, ImageError
from alexcore.images.preprocessing import Preset
from alexcore.settings import get_creatures_folder


def pick_model() -> ModelChoice:
    """Show the model picker, bound to ``?model=``."""
    runs, troubles = get_runs()
    choices = list_model_choices(runs)
    name = st.selectbox("Model", list(choices), key=MODEL_KEY, bind="query-params")
    choice = choices[name]
    st.caption(f"{choice.spec.title} · {choice.origin}")
    _show_weights_uploader()
    for trouble in troubles:
        st.warning(trouble, icon=":material/warning:")
    return choice


def _show_weights_uploader() -> None:
    """Take weights of one's own; what they are is read from their keys and shapes."""
    with st.popover("Your own weights", icon=":material/upload_file:"):
        st.caption(
            "A safetensors file or a state dict saved by torch, of any of the six variants. No "
            "code in it is run; it stays in this session's memory."
        )
        st.file_uploader(
            "Weights file", type=["safetensors", "pth", "pt", "ckpt", "bin"], key="weights",
            on_change=_take_weights, max_upload_size=300, label_visibility="collapsed",
        )  # fmt: skip
    message = st.session_state.get("weights-error")
    if message:
        st.error(message, icon=":material/error:")


def _take_weights() -> None:
    file = st.session_state["weights"]
    st.session_state["weights-error"] = None
    if file is None:
        return
    try:
        st.session_state[MODEL_KEY] = add_own_model(file.name, file.getvalue())
    except CheckpointError as error:
        st.session_state["weights-error"] = f"{file.name}: {error}"


def show_device(place: DeltaGenerator) -> None:
    """Say what computes, once torch is there to know."""
    if "torch" in sys.modules and "alexcore.devices" in sys.modules:
        from alexcore.devices import describe_device

        place.caption(f"Computing on {describe_device(get_device())}")


def pick_image(preset: Preset) -> ImageChoice:
    """Show the image picker, bound to ``?image=`` for the samples, and the uploader.

    An upload is decoded at once, for ``preset``, so that what cannot be read is never kept.
    """
    names = [*get_uploads(), *list_samples()]
    name = st.selectbox("Image", names, key=IMAGE_KEY, bind="query-params")
    st.file_uploader(
        "Your own pictures",
        type=sorted(suffix.removeprefix(".") for suffix in SUFFIXES),
        accept_multiple_files=True,
        key=UPLOADER_KEY,
        on_change=_take_uploads,
        args=(preset,),
        max_upload_size=50,
        help="They stay in this session's memory and are never written to disk.",
    )
    if st.toggle("Camera", key="camera-on"):
        st.camera_input("Camera", key="camera", on_change=_take_photo, args=(preset,),
                        label_visibility="collapsed")  # fmt: skip
    _pick_training_picture(preset)
    for message in st.session_state.get("upload_errors", []):
        st.error(message, icon=":material/error:")
    image = load_image_choice(name)
    if name in get_uploads():
        with errors_shown():
            return _ask_background(image, preset)
    return image


def _ask_background(image: ImageChoice, preset: Preset) -> ImageChoice:
    """Say which frame of an animation is seen, and let one choose what shows through."""
    picture = get_picture(image, preset)
    if picture.frames > 1:
        st.caption(f"The first of {picture.frames} frames.")
    if not picture.transparent:
        return image
    colour = st.color_picker("Background", "#ffffff", key="background", bind="query-params")
    return replace(image, background=colour)


def _pick_training_picture(preset: Preset) -> None:
    """Offer the pictures of the drawn demo set, once it has been drawn."""
    folder = get_creatures_folder()
    paths = list_training_pictures(str(folder))
    if not paths:
        return

    def take() -> None:
        path = st.session_state["training-picture"]
        if path:
            try:
                data = (folder / path).read_bytes()
            except OSError as error:
                st.session_state["upload_errors"] = [f"{path}: {error.strerror}."]
            else:
                st.session_state["upload_errors"] = _keep(path, data, preset)

    st.selectbox(
        "From the demo set",
        paths,
        index=None,
        key="training-picture",
        on_change=take,
        placeholder="Any of its pictures",
    )


def _take_photo(preset: Preset) -> None:
    photo = st.session_state["camera"]
    if photo is not None:
        st.session_state["upload_errors"] = _keep("photo", photo.getvalue(), preset)


def _take_uploads(preset: Preset) -> None:
    """Keep the pictures that are new and can be read, and say what the others were."""
    taken: set[str] = st.session_state.setdefault("taken-files", set())
    new = [file for file in st.session_state[UPLOADER_KEY] if file.file_id not in taken]
    taken.update(file.file_id for file in new)
    st.session_state["upload_errors"] = [
        error for file in new for error in _keep(file.name, file.getvalue(), preset)
    ]


def _keep(name: str, data: bytes, preset: Preset) -> list[str]:
    """Keep and select a picture that can be read; return what is wrong with any other."""
    title = add_upload(name, data)
    try:
        get_picture(get_uploads()[title], preset)
    except ImageError as error:
        get_uploads().pop(title)
        return [f"{name}: {error}"]
    st.session_state[IMAGE_KEY] = title
    return []
