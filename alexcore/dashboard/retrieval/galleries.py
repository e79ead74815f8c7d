"""Galleries as the pages use them: opened once, searched, built with a progress bar."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from alexcore.dashboard.caching import (
    RELEASED_AFTER,
    get_device,
    get_inference_lock,
    get_model,
    get_seen,
)
from alexcore.dashboard.demo_set import prepare_training_pictures
from alexcore.dashboard.permissions import refuse_writing
from alexcore.dashboard.session import ImageChoice, ModelChoice
from alexcore.dashboard.tasks import progress_shown
from alexcore.datasets.sources import CREATURES, list_sources
from alexcore.retrieval.metrics import Metric
from alexcore.settings import get_galleries_uri

if TYPE_CHECKING:
    from torch import Tensor

    from alexcore.datasets.folder import FolderListing
    from alexcore.retrieval.build import BuildReport, PixelEmbedder
    from alexcore.retrieval.evaluate import Judgement
    from alexcore.retrieval.exact import Search, Searcher
    from alexcore.retrieval.index import Method, Recall
    from alexcore.retrieval.store import GalleryKey, Rows, Store


@dataclass(frozen=True, slots=True)
class OpenGallery:
    """A gallery in memory with its matrix on the device.

    Attributes:
        key: What its vectors have in common.
        version: Of the table.
        rows: Its pictures.
        searcher: Exact search over them.
        copies: Rows that repeat the bytes of an earlier one.
    """

    key: GalleryKey
    version: int
    rows: Rows
    searcher: Searcher
    copies: tuple[int, ...]


def get_store(key: GalleryKey) -> Store:
    """Return the store of a gallery."""
    from alexcore.retrieval.stores import open_store

    return open_store(get_galleries_uri(), key)


def get_gallery(key: GalleryKey) -> OpenGallery:
    """Return a gallery, read again when it was written to.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    return _open_gallery(key.name, key.weights_digest, get_store(key).find_version(), key)


@st.cache_resource(max_entries=4, ttl=RELEASED_AFTER, show_spinner="Opening the gallery ...")
def _open_gallery(name: str, digest: str, version: int, _key: GalleryKey) -> OpenGallery:
    from alexcore.retrieval.exact import Searcher
    from alexcore.retrieval.store import find_copies, load_rows

    rows = load_rows(get_store(_key))
    searcher = Searcher(rows.embeddings, get_device())
    return OpenGallery(_key, version, rows, searcher, find_copies(rows))


def get_embedder(choice: ModelChoice, node: str) -> PixelEmbedder:
    """Return what embeds crops with the chosen model; each batch takes its turn on the device."""
    from alexcore.inference.embeddings import create_pixel_embedder

    return create_pixel_embedder(
        get_model(choice).model, node, choice.preset, get_device(), get_inference_lock()
    )


@st.cache_resource(max_entries=4, ttl=RELEASED_AFTER, show_spinner="Building the index ...")
def _build_index(
    name: str, digest: str, version: int, method: Method, metric: Metric, _gallery: OpenGallery
) -> tuple[Search, Recall]:
    from alexcore.retrieval.index import create_index, measure_recall

    index = create_index(_gallery.searcher, method, metric)
    return index, measure_recall(index, _gallery.searcher, metric)


def get_index(gallery: OpenGallery, method: Method, metric: Metric) -> tuple[Search, Recall]:
    """Return an index over a gallery, and how it does on the gallery's own rows."""
    key = gallery.key
    return _build_index(key.name, key.weights_digest, gallery.version, method, metric, gallery)


@st.cache_data(max_entries=64, show_spinner=False)
def _load_thumbnails(
    name: str, digest: str, version: int, paths: tuple[str, ...], _key: GalleryKey
) -> dict[str, bytes]:
    return dict(get_store(_key).load_thumbnails(paths))


def get_thumbnails(gallery: OpenGallery, paths: tuple[str, ...]) -> dict[str, bytes]:
    """Return {path: WebP file}.

    Raises:
        GalleryError: The gallery is missing, damaged, or made with other weights.
    """
    key = gallery.key
    return _load_thumbnails(key.name, key.weights_digest, gallery.version, paths, key)


@st.cache_resource(
    max_entries=2, ttl=RELEASED_AFTER, show_spinner="Reading the pictures as pixels ..."
)
def _load_pixels(name: str, digest: str, version: int, _gallery: OpenGallery) -> Searcher:
    from alexcore.retrieval.exact import Searcher
    from alexcore.retrieval.pixels import load_pixel_rows

    key = _gallery.key
    return Searcher(load_pixel_rows(get_store(key), _gallery.rows, key.preset), get_device())


def get_pixel_searcher(gallery: OpenGallery) -> Searcher:
    """Return exact search over the same rows in the space of small pictures."""
    key = gallery.key
    return _load_pixels(key.name, key.weights_digest, gallery.version, gallery)


def list_datasets(choice: ModelChoice) -> dict[str, str]:
    """Return {gallery's data set: source}; of the run's own pictures the training side."""
    trained = choice.run.dataset["name"] if choice.run else CREATURES
    names = {}
    for source in list_sources(flat=True):
        name = Path(source).name
        names[f"{name}-train" if name in (trained, CREATURES) else name] = source
    return names


def get_gallery_key(choice: ModelChoice, dataset: str, node: str) -> GalleryKey:
    """Return the key of a data set as a node of the chosen model sees it."""
    from alexcore.retrieval.store import GalleryKey

    return GalleryKey(dataset, choice.name, node, choice.preset, choice.digest)


def list_nodes(choice: ModelChoice) -> dict[str, str]:
    """Return {title: node} of what can be searched by, the last hidden layer first."""
    from alexcore.models.layer_names import find_last_hidden

    loaded = get_model(choice)
    last = find_last_hidden(loaded.model)
    wanted = ("relu6", "pool5", "relu5", "relu4", "relu3", "pool2", "pool1")
    others = [loaded.nodes[name] for name in wanted if name in loaded.nodes]
    return {loaded.labels[node]: node for node in dict.fromkeys([last, *others])}


def find_query_vector(choice: ModelChoice, image: ImageChoice, node: str) -> Tensor:
    """Return the picture's embedding (D,), read from the activations already computed."""
    import torch

    from alexcore.inference.embeddings import pool_maps

    return pool_maps(torch.tensor(get_seen(choice, image).activations[node])[None])[0]


def find_pixel_vector(crop: npt.NDArray[np.uint8]) -> Tensor:
    """Return a crop (c, c, 3) as a vector in the space of small pictures."""
    import torch

    from alexcore.retrieval.pixels import embed_pixels

    return torch.from_numpy(embed_pixels(crop[None])[0])


def _list_pictures(source: str, dataset: str, share: float) -> FolderListing:
    from alexcore.datasets.folder import list_training, scan_folder

    if source == CREATURES:
        return prepare_training_pictures()
    listing = scan_folder(Path(source))
    return list_training(listing, share) if dataset.endswith("-train") else listing


def build(choice: ModelChoice, key: GalleryKey, source: str) -> BuildReport:
    """Embed the pictures of a source, with a progress bar; others get their turn in between.

    Raises:
        DatasetError: The pictures cannot be read.
        GalleryError: The gallery cannot be written.
    """
    import time

    from alexcore.retrieval.build import build_gallery

    refuse_writing("building galleries")

    listing = _list_pictures(source, key.dataset, choice.validation_share)
    embed = get_embedder(choice, key.node)
    began = time.monotonic()
    with progress_shown("Embedding ...") as say:

        def on_progress(done: int, total: int) -> None:
            rate = done / max(time.monotonic() - began, 1e-9)
            left = (total - done) / max(rate, 1e-9)
            text = f"Embedding: {done:,} of {total:,}, {rate:.0f} images/s, {left:.0f} s to go"
            say(done, total, text)

        return build_gallery(get_store(key), listing, embed, on_progress)


@st.cache_data(max_entries=8, show_spinner="Asking with every validation picture ...")
def _judge(
    name: str, digest: str, version: int, metric: Metric, _choice: ModelChoice,
    _gallery: OpenGallery,
) -> Judgement:  # fmt: skip
    from alexcore.datasets.folder import list_validation, scan_folder
    from alexcore.retrieval.evaluate import judge_gallery

    key, root = _gallery.key, _gallery.rows.root
    queries = list_validation(scan_folder(root), _choice.validation_share)
    embed = get_embedder(_choice, key.node)
    return judge_gallery(get_store(key), root, queries, embed, metric)


def get_judgement(choice: ModelChoice, gallery: OpenGallery, metric: Metric) -> Judgement:
    """Return how well the gallery of the training pictures answers the validation pictures.

    Raises:
        DatasetError: The pictures are no longer where they were read from.
    """
    key = gallery.key
    return _judge(key.name, key.weights_digest, gallery.version, metric, choice, gallery)
