"""Where a gallery is kept, behind one seam: add, delete, iterate, search.

``open_store`` of ``stores`` chooses what is behind it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from alexcore.errors import GalleryError
from alexcore.images.preprocessing import Preprocessing
from alexcore.retrieval.metrics import Metric

COMMIT_ROWS = 512
Matrix = npt.NDArray[np.float32]
Split = Literal["train", "all"]


@dataclass(frozen=True, slots=True)
class GalleryKey:
    """What the vectors of one gallery have in common; its ``name`` keeps others apart.

    Attributes:
        dataset: Name of the folder.
        model: Name of the model that embeds.
        node: The node the embedding is read from.
        preprocessing: The preprocessing.
        weights_digest: Tells the model's weights from all others.
        split: Its training side alone, or all of it.
    """

    dataset: str
    model: str
    node: str
    preprocessing: Preprocessing
    weights_digest: str
    split: Split = "all"

    @property
    def name(self) -> str:
        """The table's folder name."""
        model, node = self.model.replace("/", "_"), self.node.replace(".", "_")
        weights = hashlib.sha256(self.weights_digest.encode()).hexdigest()[:8]
        parts = (self.dataset, self.split, model, weights, node, self.preprocessing.digest)
        return f"{'-'.join(parts)}.lance"

    def stale(self) -> GalleryError:
        """Return what is wrong with a gallery of this name and other weights."""
        return GalleryError(
            f"the gallery {self.name} was made with other weights of {self.model}; its vectors "
            "cannot be compared with today's. Archive it and build it again."
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One picture of a gallery.

    Attributes:
        path: Below the gallery's root, with forward slashes; no two rows share it.
        label: Its class, ``""`` for none.
        sha256: Of the file.
        thumbnail: A WebP file.
        embedding: float32 (D,).
    """

    path: str
    label: str
    sha256: str
    thumbnail: bytes
    embedding: Matrix


@dataclass(frozen=True, slots=True)
class Entries:
    """Many pictures without their thumbnails.

    Attributes:
        paths: Below the gallery's root.
        labels: Class of each.
        digests: sha256 of each file.
        embeddings: float32 (N, D).
        root: The folder the pictures were read from.
    """

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    digests: tuple[str, ...]
    embeddings: Matrix
    root: Path


class Store(Protocol):
    """One gallery, opened. Methods raise ``GalleryError`` where it cannot be read or written."""

    key: GalleryKey
    commit_rows: int
    """Pictures a build commits at once."""

    def find_version(self) -> int | str:
        """Return what changes with every commit, and is another in a gallery that is built anew."""

    def list_digests(self) -> dict[str, str]:
        """Return {path: sha256} of all rows; empty when the gallery was never begun."""

    def add(self, rows: Sequence[Entry], root: Path) -> None:
        """Commit rows at once; a path that is there already is replaced."""

    def delete(self, paths: Sequence[str]) -> None:
        """Drop rows by path."""

    def iterate(self, size: int = 4096) -> Iterator[Entries]:
        """Yield all rows, ``size`` at a time, in any order."""

    def load_thumbnails(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        """Return {path: WebP file} of some rows."""

    def search(self, query: Matrix, k: int, metric: Metric) -> list[tuple[str, float]]:
        """Return path and distance of the k rows nearest to (D,), without reading all into memory.

        Distances are as ``Searcher`` gives them.
        """

    def set_aside(self) -> None:
        """Give the gallery another name, so that a new one can take its place."""

    def tidy(self) -> None:
        """Do what keeps the store quick; called once after a build."""


def find_copies(entries: Entries) -> tuple[int, ...]:
    """Return the rows that repeat the bytes of an earlier one."""
    first = {digest: row for row, digest in reversed(tuple(enumerate(entries.digests)))}
    return tuple(row for row, digest in enumerate(entries.digests) if first[digest] != row)


def fold_copies(entries: Entries) -> Entries:
    """Return the rows without those that repeat the bytes of an earlier one."""
    copies = set(find_copies(entries))
    if not copies:
        return entries
    kept = [row for row in range(len(entries.paths)) if row not in copies]
    return Entries(
        tuple(entries.paths[i] for i in kept),
        tuple(entries.labels[i] for i in kept),
        tuple(entries.digests[i] for i in kept),
        entries.embeddings[kept],
        entries.root,
    )


def load_entries(store: Store) -> Entries:
    """Read a gallery into memory in the order of its paths, without thumbnails.

    Raises:
        GalleryError: It is missing, empty, damaged, or made with other weights.
    """
    parts = list(store.iterate())
    paths = [path for part in parts for path in part.paths]
    labels = [label for part in parts for label in part.labels]
    digests = [digest for part in parts for digest in part.digests]
    matrix = np.concatenate([part.embeddings for part in parts])
    order = sorted(range(len(paths)), key=paths.__getitem__)
    if order != list(range(len(paths))):
        matrix = matrix[order]
    return Entries(
        tuple(paths[i] for i in order),
        tuple(labels[i] for i in order),
        tuple(digests[i] for i in order),
        matrix,
        parts[0].root,
    )
