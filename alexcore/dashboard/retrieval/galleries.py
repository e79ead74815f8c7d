"""Galleries as the pages use them: opened once, searched, built with a progress bar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard.caching import (
    HASHES,
    RELEASED_AFTER,
    get_device,
    get_inference_lock,
    get_model,
)
from alexcore.dashboard.demo_set import prepare_training_pictures
from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import CREATURES, SETS
from alexcore.datasets.sources import list_sources
from alexcore.retrieval.metrics import Metric
from alexcore.runs.config import SplitRule
from alexcore.settings import get_galleries_uri
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.datasets.folder import FolderListing
    from alexcore.inference.model import LoadedModel
    from alexcore.retrieval.build import BuildReport, PixelEmbedder
    from alexcore.retrieval.evaluate import Evaluation
    from alexcore.retrieval.gallery import Gallery
    from alexcore.retrieval.store import GalleryKey, Split, Store


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a gallery can be made of.

    Attributes:
        name: Of the data set.
        split: Its training side alone, or all of it.
        origin: As ``open_source`` takes it.
    """

    name: str
    split: Split
    origin: str

    @property
    def title(self) -> str:
        """In the picker and the address."""
        return f"{self.name}-train" if self.split == "train" else self.name


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


def list_pictures(source: ModelSource) -> dict[str, Pictures]:
    """Return {title: pictures}; of drawn sets and what a model was trained on the training side."""
    trained = (*SETS, source.trained_on)
    found = []
    for origin in list_sources(flat=True):
        name = Path(origin).name
        found.append(Pictures(name, "train" if name in trained else "all", origin))
    return {pictures.title: pictures for pictures in found}


def get_gallery_key(source: ModelSource, pictures: Pictures, node: str) -> GalleryKey:
    """Return the key of some pictures as a node of the chosen model sees them."""
    from alexcore.retrieval.store import GalleryKey

    return GalleryKey(
        pictures.name, source.name, node, source.preprocessing, source.digest, pictures.split
    )


def list_nodes(source: ModelSource) -> dict[str, str]:
    """Return {title: node} of what can be searched by, the last hidden layer first."""
    model = get_model(source)
    wanted = ("relu6", "pool5", "relu5", "relu4", "relu3", "pool2", "pool1")
    others = [model.nodes[name] for name in wanted if name in model.nodes]
    return {model.names[node]: node for node in dict.fromkeys([model.last_hidden, *others])}


def get_training_gallery(model: LoadedModel) -> Gallery:
    """Return the gallery of the demo set's training pictures in a model's last hidden layer.

    Raises:
        GalleryError: It was not built yet, or cannot be read.
    """
    pictures = Pictures(CREATURES, "train", CREATURES)
    return get_gallery(get_gallery_key(model.source, pictures, model.last_hidden))


def _list_items(pictures: Pictures, rule: SplitRule) -> FolderListing:
    from alexcore.datasets.folder import scan_folder
    from alexcore.datasets.split import list_training

    if pictures.origin in SETS:
        return prepare_training_pictures(pictures.origin)
    with work_shown("Listing the pictures") as on_progress:
        listing = scan_folder(Path(pictures.origin), on_progress)
        return list_training(listing, rule, on_progress) if pictures.split == "train" else listing


def build(source: ModelSource, pictures: Pictures, node: str) -> BuildReport:
    """Embed pictures, with a progress bar; others get their turn in between.

    Raises:
        DatasetError: The pictures cannot be read.
        GalleryError: The gallery cannot be written.
    """
    from alexcore.retrieval.build import build_gallery

    listing = _list_items(pictures, source.split_rule)
    store = get_store(get_gallery_key(source, pictures, node))
    embed = get_embedder(source, node)
    with work_shown("Embedding") as on_progress:
        return build_gallery(store, listing, embed, on_progress)


@st.cache_data(
    max_entries=8, show_spinner="Asking with every validation picture ...", hash_funcs=HASHES
)
def get_evaluation(source: ModelSource, gallery: Gallery, metric: Metric) -> Evaluation:
    """Return how well the gallery of the training pictures answers the validation pictures.

    Raises:
        DatasetError: The pictures are no longer where they were read from.
    """
    from alexcore.datasets.folder import scan_folder
    from alexcore.datasets.split import list_validation
    from alexcore.retrieval.evaluate import evaluate_gallery

    root = gallery.rows.root
    queries = list_validation(scan_folder(root), source.split_rule)
    embed = get_embedder(source, gallery.key.node)
    return evaluate_gallery(gallery, root, queries, embed, metric)
