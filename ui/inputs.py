"""The pickers: model and image in the sidebar, a layer on a page."""

import sys
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alexcore.datasets.folder import SUFFIXES
from alexcore.errors import CheckpointError, ImageError
from alexcore.images import inspect_image
from alexcore.paths import get_creatures_folder
from ui.cache import decode_image, get_device, get_runs, list_training_pictures
from ui.state import (
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
            on_change=_take_weights, max_upload_size=500, label_visibility="collapsed",
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


def pick_image() -> ImageChoice:
    """Show the image picker, bound to ``?image=`` for the samples, and the uploader."""
    names = [*get_uploads(), *list_samples()]
    name = st.selectbox("Image", names, key=IMAGE_KEY, bind="query-params")
    st.file_uploader(
        "Your own pictures",
        type=sorted(suffix.removeprefix(".") for suffix in SUFFIXES),
        accept_multiple_files=True,
        key=UPLOADER_KEY,
        on_change=_take_uploads,
        max_upload_size=50,
        help="They stay in this session's memory and are never written to disk.",
    )
    if st.toggle("Camera", key="camera-on"):
        st.camera_input("Camera", key="camera", on_change=_take_photo, label_visibility="collapsed")
    _pick_training_picture()
    for message in st.session_state.get("upload_errors", []):
        st.error(message, icon=":material/error:")
    return _ask_background(load_image_choice(name))


def _ask_background(image: ImageChoice) -> ImageChoice:
    """Say which frame of an animation is seen, and let one choose what shows through."""
    facts = inspect_image(image.data)
    if facts.frames > 1:
        st.caption(f"The first of {facts.frames} frames.")
    if not facts.transparent:
        return image
    colour = st.color_picker("Background", "#ffffff", key="background", bind="query-params")
    return replace(image, background=colour)


def _pick_training_picture() -> None:
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
                st.session_state[IMAGE_KEY] = add_upload(path, data)

    st.selectbox(
        "From the demo set",
        paths,
        index=None,
        key="training-picture",
        on_change=take,
        placeholder="Any of its pictures",
    )


def _take_photo() -> None:
    photo = st.session_state["camera"]
    if photo is not None:
        st.session_state[IMAGE_KEY] = add_upload("photo", photo.getvalue())


def _take_uploads() -> None:
    """Keep the pictures that can be read, select the newest, and say what the others were."""
    errors = []
    for file in st.session_state[UPLOADER_KEY]:
        data = file.getvalue()
        known = set(get_uploads())
        name = add_upload(file.name, data)
        if name in known:
            continue
        try:
            image = get_uploads()[name]
            decode_image(image.key, image)
        except ImageError as error:
            errors.append(f"{file.name}: {error}")
            get_uploads().pop(name)
        else:
            st.session_state[IMAGE_KEY] = name
    st.session_state["upload_errors"] = errors
