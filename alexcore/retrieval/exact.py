"""Exact nearest neighbours: one matrix product on the device that holds the model, then topk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.errors import GalleryError
from alexcore.retrieval.metrics import Metric

Vector = npt.NDArray[np.float32]

MAX_K = 1000
_CHUNK = 8192
_SLACK = 1e-5


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows of a gallery, the nearest first, ties in the order of the rows.

    Attributes:
        indices: Rows, int64 (k,).
        distances: Euclidean distance, or 1 - cosine similarity, float32 (k,).
    """

    indices: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float32]


def multiply(matrix: Tensor, vector: Tensor) -> Vector:
    """Return matrix (N, D) times vector (D,) in host memory, (N,).

    On a CPU numpy's product reads at memory bandwidth, where torch's may take twice that; what
    follows stays in numpy, since torch's waiting threads would slow the next product.
    """
    if matrix.device.type != "cpu":
        return np.asarray((matrix @ vector).cpu())
    return np.asarray(matrix.numpy() @ vector.numpy())


def take(matrix: Tensor, rows: npt.NDArray[np.int64]) -> Vector:
    """Return some rows of a matrix in host memory, (M, D)."""
    if matrix.device.type != "cpu":
        return np.asarray(matrix[torch.from_numpy(rows).to(matrix.device)].cpu())
    return np.asarray(matrix.numpy()[rows])


def pick_smallest(values: Vector, count: int) -> npt.NDArray[np.int64]:
    """Return the places of the ``count`` smallest values, in ascending order."""
    if count >= len(values):
        return np.arange(len(values))
    return np.sort(np.argpartition(values, count - 1)[:count])


class Search(Protocol):
    """What finds neighbours: exactly, or through an index."""

    def search(
        self, query: Tensor, k: int, metric: Metric = "euclidean", exclude: Sequence[int] = ()
    ) -> Neighbours:
        """Return the k rows nearest to a query (D,), without those of ``exclude``."""


class Searcher:
    """A gallery's matrix on a device, with what does not depend on the query kept beside."""

    def __init__(self, embeddings: npt.NDArray[np.float32], device: torch.device) -> None:
        """Put (N, D) float32 on the device, without a copy where it is there, and its norms."""
        if embeddings.ndim != 2 or len(embeddings) == 0:
            raise GalleryError(f"got embeddings of shape {embeddings.shape}; the gallery is empty.")
        self.matrix = torch.from_numpy(np.ascontiguousarray(embeddings)).to(device)
        norms = torch.linalg.vector_norm(self.matrix, dim=1)
        self._norms: Vector = norms.cpu().numpy()
        self._squares: Vector = self._norms**2

    def search(
        self,
        query: Tensor,
        k: int,
        metric: Metric = "euclidean",
        exclude: Sequence[int] = (),
        farthest: bool = False,
    ) -> Neighbours:
        """Return the k rows nearest to one query.

        The expanded form |a|^2 - 2ab + |b|^2 loses digits where it matters, so it only finds
        the rows that may be among the k, whose distances are then computed directly.

        Args:
            query: (D,) float32.
            k: 1 to 1,000; at most as many as there are rows.
            metric: Euclidean (the paper's) or cosine.
            exclude: Rows that must not be returned.
            farthest: Return the k rows farthest away instead, the farthest first.

        Raises:
            GalleryError: k is out of range or the query has another width.
        """
        query = self.check(query, k)
        products = multiply(self.matrix, query)
        length = float(query.norm())
        if metric == "euclidean":
            rough = self._squares - 2 * products
            slack = _SLACK * (float(self._squares.max()) + length**2)
        else:
            rough = -products / np.maximum(self._norms, 1e-12)
            slack = _SLACK * length
        if farthest:
            rough = -rough
        rough[list(exclude)] = np.inf
        count = min(k, len(rough) - len(set(exclude)))
        if count <= 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        limit = np.partition(rough, count - 1)[count - 1] + slack
        rows = np.flatnonzero((rough <= limit) & np.isfinite(rough))
        return self.rank(rows, query, count, metric, farthest)

    def check(self, query: Tensor, k: int) -> Tensor:
        """Return the query on the matrix's device.

        Raises:
            GalleryError: k is out of range or the query has another width.
        """
        if not 1 <= k <= MAX_K:
            raise GalleryError(f"got k={k}; it must be 1 to {MAX_K:,}.")
        if query.shape != self.matrix.shape[1:]:
            raise GalleryError(
                f"the query has {tuple(query.shape)} numbers, the gallery's rows have "
                f"{self.matrix.shape[1]}; they come from different models."
            )
        return query.to(self.matrix)

    def rank(
        self,
        rows: npt.NDArray[np.int64],
        query: Tensor,
        k: int,
        metric: Metric,
        farthest: bool = False,
    ) -> Neighbours:
        """Return the k nearest of some rows (M,), given in ascending order, measured directly."""
        parts = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
        point = query.cpu().numpy()
        exact = np.concatenate([_measure(take(self.matrix, p), point, metric) for p in parts])
        order = np.argsort(-exact if farthest else exact, kind="stable")[:k]
        return Neighbours(rows[order], exact[order])


def _measure(chosen: Vector, query: Vector, metric: Metric) -> Vector:
    """Return the distances of rows (M, D) from a query (D,), float32 (M,)."""
    if metric == "euclidean":
        return np.asarray(np.sqrt(np.square(chosen - query).sum(1)), np.float32)
    lengths = np.linalg.norm(chosen, axis=1) * np.linalg.norm(query)
    return np.asarray(1 - chosen @ query / np.maximum(lengths, 1e-8), np.float32)
