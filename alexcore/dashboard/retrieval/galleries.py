"""Galleries as the pages use them: opened once, searched, built with a progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard.caching import (
    HASHES,
    RELEASED_AFTER,
    get_device,
    get_inference_lock,
    get_model,
)
from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import CREATURES, SETS
from alexcore.errors import GalleryMissingError
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.pictures import Pictures, list_queries
from alexcore.settings import get_galleries_uri
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.inference.model import LoadedModel
    from alexcore.retrieval.build import BuildReport, PixelEmbedder
    from alexcore.retrieval.evaluate import Evaluation
    from alexcore.retrieval.gallery import Gallery
    from alexcore.retrieval.store import GalleryKey, Store


def get_store(key: GalleryKey) -> Store:
    """Return the store of a gallery."""
    from alexcore.retrieval.stores import open_store

    return open_store(get_galleries_uri(), key)


def get_gallery(key: GalleryKey) -> Gallery:
    """Return a gallery, read again when it was written to.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    gallery: Gallery = _open_gallery(key, get_galleries_uri())
    return gallery


@st.cache_resource(
    max_entries=4, ttl=RELEASED_AFTER, show_spinner="Opening the gallery ...", hash_funcs=HASHES,
    validate=lambda gallery: gallery.is_current(),
)  # fmt: skip
def _open_gallery(key: GalleryKey, base: str) -> Gallery:
    from alexcore.retrieval.gallery import Gallery
    from alexcore.retrieval.stores import open_store

    return Gallery(open_store(base, key), get_device())


def get_embedder(source: ModelSource, node: str) -> PixelEmbedder:
    """Return what embeds crops with the chosen model; each batch takes its turn on the device."""
    return get_model(source).create_embedder(node, get_inference_lock())


def list_nodes(source: ModelSource) -> dict[str, str]:
    """Return {title: node} of what can be searched by, the last hidden layer first."""
    model = get_model(source)
    wanted = ("relu6", "pool5", "relu5", "relu4", "relu3", "pool2", "pool1")
    others = [model.nodes[name] for name in wanted if name in model.nodes]
    return {model.names[node]: node for node in dict.fromkeys([model.last_hidden, *others])}


def get_training_gallery(model: LoadedModel) -> Gallery:
    """Return the gallery of a model's training pictures in its last hidden layer.

    Of a model that no run trained it is that of the demo set's; so it is of one that was trained
    on another drawn set, whose own takes long to draw, until that is built.

    Raises:
        GalleryError: It was not built yet, or cannot be read.
    """

    def open_of(name: str) -> Gallery:
        return get_gallery(Pictures(name).create_key(model.source, model.last_hidden))

    own = model.source.trained_on or CREATURES
    try:
        return open_of(own)
    except GalleryMissingError:
        if own == CREATURES or own not in SETS:
            raise
        return open_of(CREATURES)


def build(source: ModelSource, pictures: Pictures, node: str) -> BuildReport:
    """Embed pictures, with a progress bar; others get their turn in between.

    Raises:
        DatasetError: The pictures cannot be read.
        GalleryError: The gallery cannot be written.
    """
    from alexcore.retrieval.build import build_gallery

    drawn = pictures.origin in SETS
    what = f"Drawing {pictures.name}" if drawn else "Listing the pictures"
    with work_shown(what) as on_progress:
        listing = pictures.open(source.split_rule, on_progress)
    store = get_store(pictures.create_key(source, node))
    embed = get_embedder(source, node)
    with work_shown("Embedding") as on_progress:
        return build_gallery(store, listing, embed, on_progress)


@st.cache_data(
    max_entries=8, ttl=RELEASED_AFTER, show_spinner="Asking with every validation picture ...",
    hash_funcs=HASHES,
)  # fmt: skip
def get_evaluation(source: ModelSource, gallery: Gallery, metric: Metric) -> Evaluation:
    """Return how well the gallery of the training pictures answers the validation pictures.

    Raises:
        DatasetError: The pictures are no longer where they were read from.
    """
    from alexcore.retrieval.evaluate import evaluate_gallery

    queries = list_queries(gallery.entries.root, source.split_rule)
    return evaluate_gallery(gallery, queries, get_embedder(source, gallery.key.node), metric)
