"""What is known of a picture somebody brought, and a word where a net cannot know it."""

from pathlib import Path

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import HASHES, get_predictions
from alexcore.dashboard.session import ImageChoice, get_uploads
from alexcore.datasets.creatures import SETS
from alexcore.datasets.folder import find_copy
from alexcore.errors import CheckpointError
from alexcore.settings import SAMPLE_IMAGES, get_creatures_folder, is_read_only
from alexcore.sources import IMAGENET, ModelSource, create_imagenet_source


@st.cache_data(ttl=60, max_entries=128, show_spinner=False, hash_funcs=HASHES, scope="session")
def _find_drawn(image: ImageChoice, folder: Path) -> Path | None:
    return find_copy(image.data, folder)


def find_class(source: ModelSource, image: ImageChoice) -> str | None:
    """Return the class of a picture of the demo set, or of the run's validation pictures.

    None of any other: what it shows nobody has said.
    """
    try:
        predictions = get_predictions(source.run) if source.run else []
    except CheckpointError:  # a damaged file is named where its predictions are shown
        predictions = []
    for prediction in predictions:
        if prediction.sha256 == image.sha256:
            return prediction.label
    path = _find_drawn(image, get_creatures_folder())
    return path.parent.name if path else None


def is_stranger(source: ModelSource, image: ImageChoice) -> bool:
    """Whether a net that knows drawn creatures alone is shown a picture that is none of them."""
    if source.trained_on not in SETS:
        return False
    if image.name not in get_uploads() or find_class(source, image) is not None:
        return False
    return _find_drawn(image, SAMPLE_IMAGES) is None


def show_stranger_note(source: ModelSource, image: ImageChoice) -> None:
    """Say in a line what the net knows, and offer one that knows more."""
    if not source.run or not is_stranger(source, image):
        return
    said, offered = st.columns([7, 2], vertical_alignment="center")
    said.caption(
        f"{source.name} knows {len(source.run.classes)} drawn creatures and nothing else. For "
        "neighbours among your own pictures, put their folder below `pictures` or a root that "
        "`ALEXCORE_PICTURES` names; or run `python -m alexcore embed --data FOLDER`."
    )
    with offered:
        _offer_imagenet()


def _offer_imagenet() -> None:
    download = create_imagenet_source().download
    here = download is None or download.is_here()
    closed = is_read_only() and not here
    why = "1,000 classes of photographs" + ("." if here else "; 233 MB, downloaded once.")
    if closed:
        why = "This dashboard is read-only and the weights are not here; run your own copy."
    st.button(
        "Use the ImageNet weights", icon=":material/photo_camera:", on_click=_use_imagenet,
        disabled=closed, help=why, type="tertiary",
    )  # fmt: skip


def _use_imagenet() -> None:
    st.session_state[urls.MODEL] = IMAGENET
