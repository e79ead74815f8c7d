"""A gallery opened: its rows in memory, and every way to ask it.

store -> ``Gallery`` -> (query, ``Wish``) -> Neighbours.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from alexcore.errors import ImageError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array
from alexcore.inference.model import Inference
from alexcore.retrieval.exact import Neighbours, Search, Searcher
from alexcore.retrieval.index import Method, Recall, create_index, measure_recall
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.pixels import embed_pixels, load_pixel_rows, read_crop
from alexcore.retrieval.store import Entries, GalleryKey, Store, find_copies, load_entries


@dataclass(frozen=True, slots=True)
class Wish:
    """How to search.

    Attributes:
        k: How many neighbours.
        metric: How near is measured.
        method: Exactly, or through an index.
        hide_class: Leave out pictures of the query's class.
        fold: Show one of several exact copies, and none of the query.
        farthest: The least similar instead.
    """

    k: int = 10
    metric: Metric = "euclidean"
    method: Method = "exact"
    hide_class: bool = False
    fold: bool = True
    farthest: bool = False


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked with.

    Attributes:
        name: Of the picture.
        vector: Its embedding (D,).
        crop: What the net receives of it, uint8 (c, c, 3).
        shown: The picture.
        label: Its class where that is known, else the class ``asked`` predicts.
        known: Whether ``label`` is its true class.
        asked: Name of the model.
        sha256: Of its file.
    """

    name: str
    vector: Tensor
    crop: npt.NDArray[np.uint8]
    shown: Image.Image
    label: str
    known: bool
    asked: str
    sha256: str

    @cached_property
    def pixels(self) -> Tensor:
        """Itself as a small picture, (3072,)."""
        return torch.from_numpy(embed_pixels(self.crop[None])[0])

    @property
    def label_origin(self) -> str:
        """Where ``label`` comes from, for a file."""
        return "known" if self.known else f"predicted by {self.asked}"

    def describe_class(self, net: str = "the net") -> str:
        """Say what ``label`` is: the query's class, or what ``net`` predicts."""
        whose = "the query's class" if self.known else f"the class {net} predicts"
        return f"{whose}, {self.label}"


def create_query(inference: Inference, node: str, sha256: str, known: str | None = None) -> Query:
    """Return the query of a picture that a model has looked at.

    Args:
        inference: Of the model that embedded the gallery.
        node: Where they are compared.
        sha256: Of the picture's file.
        known: Its true class, None where nobody knows it.
    """
    picture = inference.picture
    return Query(
        name=inference.name,
        vector=inference.embed(node),
        crop=picture.pixels,
        shown=picture.display,
        label=known or inference.predictions[0].label,
        known=known is not None,
        asked=inference.model.source.name,
        sha256=sha256,
    )


class Gallery:
    """The rows of a store as they were when it was opened, with exact search over them.

    Attributes:
        store: Where they lie.
        version: Of the store when they were read.
        entries: The pictures.
        searcher: Exact search.
        copies: Entries that repeat the bytes of an earlier one.
    """

    def __init__(self, store: Store, device: torch.device) -> None:
        """Read every row, and put the matrix on the device.

        Raises:
            GalleryError: The gallery is missing, empty, damaged, or made with other weights.
        """
        self.store = store
        self.version = store.find_version()
        self.entries: Entries = load_entries(store)
        self.searcher = Searcher(self.entries.embeddings, device)
        self.copies = find_copies(self.entries)
        self._device, self._lock = device, threading.Lock()
        self._indexes: dict[tuple[Method, Metric], tuple[Search, Recall]] = {}
        self._pixels: Searcher | None = None

    @property
    def key(self) -> GalleryKey:
        """What its vectors have in common."""
        return self.store.key

    def is_current(self) -> bool:
        """Whether the store is as it was when the rows were read.

        Raises:
            GalleryError: It is gone, damaged, or made with other weights.
        """
        return self.store.find_version() == self.version

    def load_thumbnails(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return {path: WebP file}.

        Raises:
            GalleryError: The store cannot be read any more.
        """
        return dict(self.store.load_thumbnails(paths))

    def create_query(self, path: str) -> Query:
        """Return one of its own pictures as the query, its class known.

        The crop is cut from its file, as what was embedded was, or from the thumbnail where the
        file is gone.

        Raises:
            GalleryError: The store cannot be read any more.
        """
        row = self.entries.paths.index(path)
        webp = self.load_thumbnails([path])[path]
        return Query(
            name=path,
            vector=self.searcher.matrix[row],
            crop=self._cut(path, webp),
            shown=Image.open(io.BytesIO(webp)).convert("RGB"),
            label=self.entries.labels[row],
            known=True,
            asked=self.key.model,
            sha256=self.entries.digests[row],
        )

    def _cut(self, path: str, webp: bytes) -> npt.NDArray[np.uint8]:
        try:
            return to_array(load_image(self.entries.root / path), self.key.preprocessing)
        except ImageError:
            return read_crop(webp, self.key.preprocessing)

    def find_rows(self, sha256: str) -> list[int]:
        """Return the rows with these bytes."""
        return [row for row, digest in enumerate(self.entries.digests) if digest == sha256]

    def find_class(self, sha256: str) -> str | None:
        """Return the class of a picture that is in the gallery, None of any other."""
        rows = self.find_rows(sha256)
        return (self.entries.labels[rows[0]] or None) if rows else None

    def find_agreeing(self, query: Query, near: Neighbours) -> list[bool]:
        """Return for each neighbour whether it has the query's known or predicted class."""
        labels = [self.entries.labels[row] for row in near.indices]
        return [bool(label) and label == query.label for label in labels]

    def exclude(self, query: Query, wish: Wish) -> list[int]:
        """Return the rows a search leaves out; a gallery picture never finds itself."""
        left_out = set(self.find_rows(query.sha256)) if wish.fold or query.known else set()
        if wish.fold:
            left_out |= set(self.copies)
        if wish.hide_class:
            left_out |= {
                row for row, label in enumerate(self.entries.labels) if label == query.label
            }
        return sorted(left_out)

    def search(self, query: Query, wish: Wish) -> Neighbours:
        """Return the rows nearest to a query, or farthest from it.

        Raises:
            GalleryError: k is out of range, or the query is of another model.
        """
        left_out = self.exclude(query, wish)
        if wish.farthest or wish.method == "exact":
            return self.searcher.search(query.vector, wish.k, wish.metric, left_out, wish.farthest)
        index, _ = self.get_index(wish.method, wish.metric)
        return index.search(query.vector, wish.k, wish.metric, left_out)

    def get_index(self, method: Method, metric: Metric) -> tuple[Search, Recall]:
        """Return an index, built when first asked for, and how it does on the gallery's rows."""
        with self._lock:
            if (method, metric) not in self._indexes:
                index = create_index(self.searcher, method, metric)
                recall = measure_recall(index, self.searcher, metric)
                self._indexes[method, metric] = index, recall
            return self._indexes[method, metric]

    def search_pixels(self, query: Query, wish: Wish) -> Neighbours:
        """Return the rows nearest in the space of small pictures, which is read when first asked.

        Raises:
            GalleryError: The store cannot be read any more.
        """
        left_out = self.exclude(query, wish)
        return self._get_pixel_searcher().search(query.pixels, wish.k, exclude=left_out)

    def load_pixels(self) -> npt.NDArray[np.float32]:
        """Return every row as a small picture, (N, 3072), read when first asked.

        Raises:
            GalleryError: The store cannot be read any more.
        """
        return self._get_pixel_searcher().matrix.cpu().numpy()

    def _get_pixel_searcher(self) -> Searcher:
        with self._lock:
            if self._pixels is None:
                vectors = load_pixel_rows(self.store, self.entries, self.key.preprocessing)
                self._pixels = Searcher(vectors, self._device)
            return self._pixels
