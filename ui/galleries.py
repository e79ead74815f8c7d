"""The gallery of the chosen model: its key, its building, its rows, and the query's vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.paths import get_galleries_folder
from ui.cache import get_device, get_inference_lock, get_model, get_seen
from ui.demo_set import prepare_training_pictures
from ui.state import ImageChoice, ModelChoice

if TYPE_CHECKING:
    from torch import Tensor

    from alexcore.retrieval.gallery import GalleryKey, Rows
    from alexcore.retrieval.search import Searcher


@dataclass(frozen=True, slots=True)
class OpenGallery:
    """A gallery in memory with its matrix on the device."""

    rows: Rows
    searcher: Searcher


def get_gallery(key: GalleryKey) -> OpenGallery:
    """Return a gallery, read again when it was written to.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    from alexcore.retrieval.gallery import find_version

    return _open_gallery(key.name, find_version(get_galleries_folder(), key), key)


@st.cache_resource(max_entries=4, show_spinner="Opening the gallery ...")
def _open_gallery(name: str, version: int, _key: GalleryKey) -> OpenGallery:
    from alexcore.retrieval.gallery import load_rows
    from alexcore.retrieval.search import Searcher

    rows = load_rows(get_galleries_folder(), _key)
    return OpenGallery(rows, Searcher(rows.embeddings, get_device()))


@st.cache_data(max_entries=64, show_spinner=False)
def _load_thumbnails(
    name: str, digest: str, paths: tuple[str, ...], _key: GalleryKey
) -> dict[str, bytes]:
    from alexcore.retrieval.gallery import load_thumbnails

    return load_thumbnails(get_galleries_folder(), _key, paths)


def get_thumbnails(key: GalleryKey, paths: tuple[str, ...]) -> dict[str, bytes]:
    """Return {path: WebP file} of a gallery.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    return _load_thumbnails(key.name, key.weights_digest, paths, key)


def get_gallery_key(choice: ModelChoice) -> GalleryKey:
    """Return the key of the demo set's training pictures as the chosen model sees them."""
    from alexcore.models.layers import find_last_hidden
    from alexcore.retrieval.gallery import GalleryKey

    node = find_last_hidden(get_model(choice).model)
    return GalleryKey("creatures-train", choice.name, node, choice.preset, choice.digest)


def find_query_vector(choice: ModelChoice, image: ImageChoice) -> Tensor:
    """Return the picture's embedding (D,), read from the activations already computed."""
    import torch

    from alexcore.models.layers import find_last_hidden

    node = find_last_hidden(get_model(choice).model)
    return torch.tensor(get_seen(choice, image).activations[node])


def build_default_gallery(choice: ModelChoice, key: GalleryKey) -> None:
    """Draw the demo set if need be and embed its training pictures, with a progress bar.

    Raises:
        DatasetError: The demo set cannot be drawn.
        GalleryError: The gallery cannot be written.
    """
    from alexcore.retrieval.gallery import build_gallery

    bar = st.progress(0.0, "Drawing the demo set ...")
    training = prepare_training_pictures(bar)
    with get_inference_lock():
        build_gallery(
            get_galleries_folder(),
            training,
            get_model(choice).model,
            key,
            get_device(),
            lambda done, total: bar.progress(done / total, f"Embedding: {done} of {total}"),
        )
    bar.empty()
