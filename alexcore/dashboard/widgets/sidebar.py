"""The pickers: model and image in the sidebar, a layer on a page."""

import sys
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alexcore.dashboard import urls
from alexcore.dashboard.caching import (
    get_device,
    get_picture,
    get_runs,
    list_training_pictures,
    release_model,
)
from alexcore.dashboard.session import (
    UPLOADER_KEY,
    ImageChoice,
    add_own_source,
    add_upload,
    create_upload,
    get_images,
    get_uploads,
    list_model_sources,
)
from alexcore.dashboard.uploads import (
    PICTURE_MB,
    WEIGHTS_MB,
    get_limit,
    show_refusals,
    take_bytes,
)
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.folder import SUFFIXES
from alexcore.errors import CheckpointError, ImageError
from alexcore.images.preprocessing import Preprocessing
from alexcore.settings import get_creatures_folder
from alexcore.sources import ModelSource, create_file_source


def pick_model() -> ModelSource:
    """Show the model picker, bound to ``?model=``."""
    runs, troubles = get_runs()
    sources = list_model_sources(runs)
    name = st.selectbox("Model", list(sources), key=urls.MODEL, bind="query-params")
    source = sources[name]
    st.caption(f"{source.spec.title} · {source.origin}")
    _show_weights_uploader()
    for trouble in troubles:
        st.warning(trouble, icon=":material/warning:")
    return source


def _show_weights_uploader() -> None:
    """Take weights of one's own; what they are is read from their keys and shapes."""
    with st.popover("Your own weights", icon=":material/upload_file:"):
        st.caption(
            "A safetensors file, or a state dict or a whole model saved by torch, of any of the "
            "variants. No code in it is run; it stays in this session's memory."
        )
        with st.container(key="own-weights"):
            key = _get_weights_key()
            st.file_uploader(
                "Weights file", type=["safetensors", "pth", "pt", "ckpt", "bin"], key=key,
                on_change=_take_weights, args=(key,), max_upload_size=get_limit(WEIGHTS_MB),
                label_visibility="collapsed",
            )  # fmt: skip
    message = st.session_state.get("weights-error")
    if message:
        st.error(message, icon=":material/error:")


def _get_weights_key() -> str:
    """Return the uploader's key: another after each file, so that an empty uploader follows."""
    taken = st.session_state.get("weights-taken", 0)
    return f"weights-{taken}" if taken else "weights"


def _take_weights(key: str) -> None:
    file = st.session_state[key]
    st.session_state["weights-error"] = None
    if file is None:
        return
    st.session_state["weights-taken"] = st.session_state.get("weights-taken", 0) + 1
    try:
        if file.size > WEIGHTS_MB * 1_000_000:  # past the uploader, which refuses
            raise CheckpointError(f"this file has more than {WEIGHTS_MB} MB.")
        source = create_file_source(file.name, take_bytes(file))  # no name here for the bytes
        for gone in add_own_source(source):
            release_model(gone)
        st.session_state[urls.MODEL] = source.name
    except CheckpointError as error:
        st.session_state["weights-error"] = f"{file.name}: {error}"


def show_device(place: DeltaGenerator) -> None:
    """Say what computes, once torch is there to know."""
    if "torch" in sys.modules and "alexcore.devices" in sys.modules:
        from alexcore.devices import describe_device

        place.caption(f"Computing on {describe_device(get_device())}")


def pick_image(preprocessing: Preprocessing) -> ImageChoice:
    """Show the image picker, bound to ``?image=`` for the samples, and the uploader.

    An upload is decoded at once, for ``preprocessing``, so that what cannot be read is never kept.
    """
    images = get_images()
    name = st.selectbox("Image", list(images), key=urls.IMAGE, bind="query-params")
    show_refusals()
    with st.container(key="own-pictures"):
        st.file_uploader(
            "Your own pictures",
            type=sorted(suffix.removeprefix(".") for suffix in SUFFIXES),
            accept_multiple_files=True,
            key=UPLOADER_KEY,
            on_change=_take_uploads,
            args=(preprocessing,),
            max_upload_size=get_limit(PICTURE_MB),
            help="They stay in this session's memory; nothing of them is kept on disk.",
        )
    if st.toggle("Camera", key="camera-on"):
        st.camera_input("Camera", key="camera", on_change=_take_photo, args=(preprocessing,),
                        label_visibility="collapsed")  # fmt: skip
    _pick_training_picture(preprocessing)
    for message in _get_errors().values():
        st.error(message, icon=":material/error:")
    if name in get_uploads():
        with errors_shown():
            return _ask_background(images[name], preprocessing)
    return images[name]


def _ask_background(image: ImageChoice, preprocessing: Preprocessing) -> ImageChoice:
    """Say which frame of an animation is seen, and let one choose what shows through."""
    picture = get_picture(image, preprocessing)
    if picture.frames > 1:
        st.caption(f"The first of {picture.frames} frames.")
    if not picture.transparent:
        return image
    colour = st.color_picker("Background", "#ffffff", key=urls.BACKGROUND, bind="query-params")
    return replace(image, background=colour)


def _pick_training_picture(preprocessing: Preprocessing) -> None:
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
                _get_errors()["demo"] = f"{path}: {error.strerror}."
            else:
                _keep("demo", path, data, preprocessing)

    st.selectbox(
        "From the demo set",
        paths,
        index=None,
        key="training-picture",
        on_change=take,
        placeholder="Any of its pictures",
    )


def _take_photo(preprocessing: Preprocessing) -> None:
    photo = st.session_state["camera"]
    if photo is not None:
        _keep("camera", "photo", photo.getvalue(), preprocessing)


def _take_uploads(preprocessing: Preprocessing) -> None:
    """Keep the pictures that are new and can be read, and say what the others were.

    It runs once more when Streamlit notices that files it listed were taken.
    """
    taken: set[str] = st.session_state.setdefault("taken-files", set())
    files = st.session_state[UPLOADER_KEY]
    listed = {file.file_id for file in files}
    for gone in [key for key in _get_errors() if key not in listed]:
        del _get_errors()[gone]
    for file in files:
        if file.file_id not in taken:
            taken.add(file.file_id)
            _keep(file.file_id, file.name, take_bytes(file), preprocessing)


def _get_errors() -> dict[str, str]:
    """Return what could not be read, by its input: an uploaded file's id, the camera, the set."""
    errors: dict[str, str] = st.session_state.setdefault("upload-errors", {})
    return errors


def _keep(input_id: str, name: str, data: bytes, preprocessing: Preprocessing) -> None:
    """Keep and select a picture that can be read; note what is wrong with any other."""
    _get_errors().pop(input_id, None)
    image = create_upload(name, data)
    try:
        get_picture(image, preprocessing)
    except ImageError as error:
        _get_errors()[input_id] = f"{name}: {error}"
    else:
        add_upload(image)
