"""What is kept from one run of a page to the next: runs, models, pictures, inferences.

What belongs to everybody is kept for all sessions, what a session brought and what was computed of
it with the session. Nothing here imports torch until it is called, so that a page without a model
appears at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st
from PIL import ImageColor

from alexcore.dashboard.session import ImageChoice
from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.folder import OnProgress
from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.history import Epoch, load_history
from alexcore.runs.layers import LayerEpoch, load_layers
from alexcore.runs.predictions import ValidationPrediction, load_predictions
from alexcore.runs.run import Run, list_runs
from alexcore.settings import get_run_roots
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    import torch

    from alexcore.features.picture_changes import PictureChange
    from alexcore.images.sandbox import Decoder, Picture
    from alexcore.inference.model import Inference, LoadedModel

T = TypeVar("T")

RELEASED_AFTER = 1800
"""Seconds until a model and what it saw are let go; a text would make Streamlit load pandas."""

HASHES: dict[str | type[Any], Callable[[Any], Any]] = {
    ModelSource: lambda source: (source.name, source.digest),
    ImageChoice: lambda image: (image.name, image.key),
    Run: lambda run: str(run.folder),
    "alexcore.features.picture_changes.PictureChange": str,
    "alexcore.inference.model.Inference": lambda inference: inference.key,
    "alexcore.retrieval.gallery.Gallery": lambda gallery: (gallery.key.name, gallery.version),
    "alexcore.retrieval.store.GalleryKey": lambda key: key.name,
}
"""What tells the arguments of cached functions apart; exact types, as Streamlit compares them."""

_KEPT = 48
"""Pieces of work a session keeps."""
_STOPPED = "stopped-work"

_INFERENCE_LOCK = threading.Lock()  # outside of the caches, whose clearing would make another


def get_inference_lock() -> threading.Lock:
    """Return the lock that makes sessions take turns on the device."""
    return _INFERENCE_LOCK


@st.cache_data(ttl=5, show_spinner=False)
def get_runs() -> tuple[list[Run], list[str]]:
    """Return the runs on disk and what could not be read, looked up every five seconds."""
    return list_runs(*get_run_roots())


@st.cache_data(ttl=5, max_entries=64, show_spinner=False, hash_funcs=HASHES)
def get_history(run: Run) -> list[Epoch]:
    """Return a run's rows."""
    return load_history(run.history_file)


@st.cache_data(ttl=5, max_entries=16, show_spinner=False, hash_funcs=HASHES)
def get_layers(run: Run) -> list[LayerEpoch]:
    """Return what a run recorded of its layers; none where it kept none.

    Raises:
        CheckpointError: The file is damaged.
    """
    return load_layers(run.folder)


def get_predictions(run: Run, tested: bool = False) -> list[ValidationPrediction]:
    """Return a run's predictions of its validation or test pictures; none where it kept none.

    Raises:
        CheckpointError: The file is damaged.
    """
    file = run.test_file if tested else run.predictions_file
    return _load_predictions(file) if file.is_file() else []


@st.cache_data(ttl=5, max_entries=16, show_spinner=False)
def _load_predictions(file: Path) -> list[ValidationPrediction]:
    return load_predictions(file)


@st.cache_data(ttl=30, max_entries=4, show_spinner=False)
def list_training_pictures(folder: str) -> list[str]:
    """Return the paths of the drawn demo set's pictures below its folder."""
    return sorted("/".join(path.parts[-2:]) for path in Path(folder).glob("*/*.png"))


def get_device() -> torch.device:
    """Return the device everything runs on."""
    from alexcore.devices import select_device

    return select_device()


def get_model(source: ModelSource) -> LoadedModel:
    """Return a model: loaded once for all sessions, but one's own with its session alone.

    Raises:
        CheckpointError: Its weights are missing, damaged or cannot be downloaded.
    """
    fetch_weights(source)
    return _load_own(source) if source.private else _load_shared(source)


def fetch_weights(source: ModelSource) -> None:
    """Download weights with a progress bar, if they are not here.

    What loads a model within a cached function calls this before: no button may stand in one.

    Raises:
        CheckpointError: They cannot be downloaded.
    """
    if source.download is None or source.download.is_here():
        return
    with work_shown(f"Downloading the weights of {source.name}", "MB", 1_000_000) as on_progress:
        source.download.fetch(on_progress)


@st.cache_resource(
    max_entries=4, ttl=RELEASED_AFTER, show_spinner="Loading the model ...", hash_funcs=HASHES
)
def _load_shared(source: ModelSource) -> LoadedModel:
    from alexcore.inference.model import load_model

    return load_model(source, get_device())


@st.cache_resource(
    max_entries=2, show_spinner="Loading the model ...", hash_funcs=HASHES, scope="session"
)
def _load_own(source: ModelSource) -> LoadedModel:
    from alexcore.inference.model import load_model

    return load_model(source, get_device())


def release_model(source: ModelSource) -> None:
    """Let go of a model of this session's own, and of the inferences, which hold their models."""
    _load_own.clear(source)
    _compute_inference.clear()
    get_changed_inference.clear()


@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=HASHES, scope="session")
def get_picture(image: ImageChoice, preprocessing: Preprocessing) -> Picture:
    """Return the decoded picture.

    Raises:
        ImageError: The bytes are no picture, take too long, or break the decoder.
    """
    return _decode(image, preprocessing)


def _decode(image: ImageChoice, preprocessing: Preprocessing) -> Picture:
    background = ImageColor.getrgb(image.background)[:3]
    return get_decoder().decode(image.data, background, preprocessing)


@st.cache_resource(on_release=lambda decoder: decoder.close())
def get_decoder() -> Decoder:
    """Return what decodes pictures of strangers."""
    from alexcore.images.sandbox import Decoder

    return Decoder()


def get_inference(source: ModelSource, image: ImageChoice) -> Inference:
    """Return every node's output for the picture: one forward pass, kept for the next click.

    Raises:
        CheckpointError: The model cannot be loaded.
        ImageError: The bytes are no picture.
    """
    fetch_weights(source)
    inference: Inference = _compute_inference(source, image)
    return inference


@st.cache_resource(
    max_entries=8, ttl=RELEASED_AFTER, show_spinner="Looking at the picture ...",
    hash_funcs=HASHES, scope="session",
)  # fmt: skip
def _compute_inference(source: ModelSource, image: ImageChoice) -> Inference:
    return _infer(get_model(source), get_picture(image, source.preprocessing), image)


@st.cache_resource(
    max_entries=4, ttl=RELEASED_AFTER, show_spinner=False, hash_funcs=HASHES, scope="session"
)
def get_changed_inference(inference: Inference, change: PictureChange) -> Inference:
    """Return every node's output for a picture that was covered, turned or shifted."""
    from alexcore.features.picture_changes import change_picture

    return change_picture(inference, change, get_inference_lock())


def compute_inference(source: ModelSource, image: ImageChoice) -> Inference:
    """Return what ``get_inference`` does, past the caches of the session.

    Streamlit asks for the data of a download button outside of any page's run, where a session's
    caches cannot be reached.
    """
    from alexcore.inference.model import load_model

    model = load_model(source, get_device()) if source.private else _load_shared(source)
    return infer_once(model, image)


def keep_work(key: tuple[Hashable, ...], work: Callable[[], T]) -> T:
    """Return what work with a progress bar gave, kept with the session.

    Streamlit's own caches replay what was drawn within them, and refuse a bar from outside.

    Args:
        key: Tells the work from all other.
        work: Done where it is not kept.
    """
    kept: dict[tuple[Hashable, ...], T] = st.session_state.setdefault("kept-work", {})
    if key not in kept:
        found = work()
        while len(kept) >= _KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = found
    return kept[key]


def find_work(key: tuple[Hashable, ...]) -> Any:
    """Return what ``keep_work`` keeps under a key, None where it keeps nothing."""
    return st.session_state.get("kept-work", {}).get(key)


def keep_works(
    what: str, works: Mapping[tuple[Hashable, ...], Callable[[OnProgress], T]]
) -> dict[tuple[Hashable, ...], T]:
    """Return what several pieces of long work gave, each kept with the session, under one bar.

    After Stop those that were done by then are returned, and the others wait for
    ``offer_to_go_on`` or another choice: the link still asks for them, but the person does not.
    Called by a page itself, not by a fragment.

    Args:
        what: What goes on, as "Explaining".
        works: {what tells a piece from all other: what does it, given what moves the bar}.
    """
    kept: dict[tuple[Hashable, ...], T] = st.session_state.setdefault("kept-work", {})
    found = {key: kept[key] for key in works if key in kept}
    missing = [key for key in works if key not in found]
    if st.session_state.get(f"stop {what}"):
        st.session_state[_STOPPED] = tuple(works)
    if missing and st.session_state.get(_STOPPED) != tuple(works):
        with work_shown(what, "parts", 100, writes=False) as on_progress:
            for number, key in enumerate(missing):
                part = partial(_move, on_progress, number, len(missing))
                found[key] = keep_work(key, partial(works[key], part))
    return {key: found[key] for key in works if key in found}


def _move(on_progress: OnProgress, number: int, pieces: int, done: int, total: int) -> None:
    """Move a bar over pieces of a hundred parts each."""
    on_progress(100 * number + 100 * done // max(total, 1), 100 * pieces)


def offer_to_go_on(said: str) -> None:
    """Say what Stop left undone, with a button that lets it go on."""
    st.caption(said)
    st.button(
        "Go on", icon=":material/play_arrow:",
        on_click=lambda: st.session_state.pop(_STOPPED, None),
    )  # fmt: skip


def infer_once(model: LoadedModel, image: ImageChoice) -> Inference:
    """Return what ``get_inference`` does, and keep nothing of it."""
    return _infer(model, _decode(image, model.source.preprocessing), image)


def _infer(model: LoadedModel, picture: Picture, image: ImageChoice) -> Inference:
    from alexcore.inference.model import infer

    source = model.source
    key = f"{source.name} {source.digest} {image.key}"
    return infer(model, picture, get_inference_lock(), image.name, key)
