"""What a session has chosen and brought: its model, its image, its own pictures and weights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from alexcore.dashboard import urls
from alexcore.runs.run import Run
from alexcore.settings import SAMPLE_IMAGES
from alexcore.sources import ModelSource, list_sources

UPLOADER_KEY = "uploader"
_SOURCE, _IMAGE, _NEXT = "chosen-source", "chosen-image", "next-page"
_MAX_UPLOADS, _MAX_UPLOADED_BYTES, _MAX_MODELS = 24, 150_000_000, 2


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """One picture.

    Attributes:
        name: In the picker.
        data: The file's bytes.
        sha256: Of them.
        background: What shows through transparent pixels, as ``#rrggbb``.
    """

    name: str
    data: bytes
    sha256: str
    background: str = "#ffffff"

    @property
    def key(self) -> str:
        """Tells what is seen from everything else."""
        return self.sha256 + self.background


def get_own_sources() -> dict[str, ModelSource]:
    """Return the models whose weights this session brought; they end with it."""
    sources: dict[str, ModelSource] = st.session_state.setdefault("own-models", {})
    return sources


def add_own_source(source: ModelSource) -> list[ModelSource]:
    """Keep a model of one's own weights, and return those that had to go for it.

    Weights that are kept already stay as they are, so that no model is there twice.
    """
    sources = get_own_sources()
    known = sources.pop(source.name, source)
    sources[source.name] = known if known.digest == source.digest else source
    return [sources.pop(next(iter(sources))) for _ in range(len(sources) - _MAX_MODELS)]


def list_model_sources(runs: list[Run]) -> dict[str, ModelSource]:
    """Return what can be chosen: one's own weights, then what everybody has."""
    return get_own_sources() | list_sources(runs)


@st.cache_resource(show_spinner=False)
def get_samples() -> dict[str, ImageChoice]:
    """Return the shipped pictures by name, read and hashed once for all sessions."""
    files = {path.stem: path.read_bytes() for path in SAMPLE_IMAGES.glob("*.png")}
    return {
        name: ImageChoice(name, data, hashlib.sha256(data).hexdigest())
        for name, data in sorted(files.items())
    }


def get_uploads() -> dict[str, ImageChoice]:
    """Return this session's own pictures; they live in memory and end with it."""
    uploads: dict[str, ImageChoice] = st.session_state.setdefault("uploads", {})
    return uploads


def create_upload(name: str, data: bytes) -> ImageChoice:
    """Return a picture under a name that other pictures of that name do not have."""
    digest = hashlib.sha256(data).hexdigest()
    return ImageChoice(f"{Path(name).stem[:32]}-{digest[:4]}", data, digest)


def add_upload(image: ImageChoice) -> None:
    """Keep a picture that was found readable for this session, and choose it."""
    uploads = get_uploads()
    uploads[image.name] = image
    st.session_state[urls.IMAGE] = image.name
    while len(uploads) > _MAX_UPLOADS or _count_bytes(uploads) > _MAX_UPLOADED_BYTES:
        uploads.pop(next(iter(uploads)))


def _count_bytes(uploads: dict[str, ImageChoice]) -> int:
    return sum(len(upload.data) for upload in uploads.values())


def get_images() -> dict[str, ImageChoice]:
    """Return what the image picker offers, by name: one's own pictures, then the samples."""
    return get_uploads() | get_samples()


def choose(source: ModelSource, image: ImageChoice) -> None:
    """Keep what the sidebar's pickers hold for this run of the page."""
    st.session_state[_SOURCE], st.session_state[_IMAGE] = source, image


def visit(page: str) -> None:
    """Open a page in the run that follows: for a callback that may take its own button away."""
    st.session_state[_NEXT] = page


def leave_for() -> str | None:
    """Return the page that ``visit`` asked for, once."""
    page: str | None = st.session_state.pop(_NEXT, None)
    return page


def get_source() -> ModelSource:
    """Return what the sidebar's model picker holds in this run of the page."""
    source: ModelSource = st.session_state[_SOURCE]
    return source


def get_image() -> ImageChoice:
    """Return what the sidebar's image picker holds in this run of the page."""
    image: ImageChoice = st.session_state[_IMAGE]
    return image
