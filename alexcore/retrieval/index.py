"""Search that reads far fewer bytes than the matrix has, then measures the best on full vectors.

Matrix -> ``create_index`` once -> the same ``search`` as ``Searcher``. How good it is on this very
gallery is measured by ``measure_recall``.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.retrieval.exact import Neighbours, Search, Searcher, multiply, pick_smallest
from alexcore.retrieval.metrics import Metric
from alexcore.seeding import seeded

Method = Literal["exact", "projection", "binary codes"]
METHODS: tuple[Method, ...] = get_args(Method)
EXACT_BYTES = 400_000_000
"""Above this a matrix takes a CPU some 15 ms to read: about 50 thousand rows of 2,048."""

_SAMPLE = 10_000
_CHUNK = 16_384
_PROJECTED = 128
_BITS = 256
_CANDIDATES = 512


def choose_method(searcher: Searcher) -> Method:
    """Return exact search where it is quick enough on a CPU, the projection beyond."""
    large = searcher.matrix.nbytes > EXACT_BYTES and searcher.matrix.device.type == "cpu"
    return "projection" if large else "exact"


def create_index(searcher: Searcher, method: Method, metric: Metric) -> Search:
    """Return what searches a gallery by a method; seconds for a hundred thousand rows.

    Args:
        searcher: Holds the matrix, which the index measures candidates on.
        method: ``"exact"`` gives the searcher back.
        metric: The only one the index serves.
    """
    if method == "projection":
        return ProjectionIndex(searcher, metric)
    if method == "binary codes":
        return BinaryIndex(searcher, metric)
    return searcher


class _Space:
    """The gallery's principal directions; rows are scaled to length 1 first for cosine."""

    def __init__(self, searcher: Searcher, metric: Metric, dims: int) -> None:
        self._metric = metric
        matrix = searcher.matrix
        generator = torch.Generator().manual_seed(0)
        rows = torch.randperm(len(matrix), generator=generator)[:_SAMPLE].to(matrix.device)
        sample = self._scale(matrix[rows])
        self.mean = sample.mean(0)
        dims = min(dims, *sample.shape)
        with seeded(0):
            basis = torch.svd_lowrank(sample - self.mean, q=dims, niter=3)[2]
        self.basis: Tensor = torch.linalg.qr(basis)[0]  # (D, dims), orthonormal to rounding

    def _scale(self, rows: Tensor) -> Tensor:
        return torch.nn.functional.normalize(rows) if self._metric == "cosine" else rows

    def project(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return (N, dims) coordinates and (N,) distances from the space."""
        centred = self._scale(rows) - self.mean
        low = centred @ self.basis
        rest = (centred.square().sum(1) - low.square().sum(1)).clamp_min(0).sqrt()
        return low, rest

    def project_all(self, matrix: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        for part in torch.split(matrix, _CHUNK):
            yield self.project(part)


class ProjectionIndex:
    """Lower bounds of all distances from 129 numbers a row, the best measured on full vectors.

    A row's coordinates in the leading principal directions, and its distance from their space,
    give by the triangle inequality a distance that is never above the true one.
    """

    def __init__(self, searcher: Searcher, metric: Metric) -> None:
        """Project every row."""
        self._searcher, self._metric = searcher, metric
        self._space = _Space(searcher, metric, _PROJECTED)
        parts = self._space.project_all(searcher.matrix)
        self._coarse = torch.cat([torch.cat([low, rest[:, None]], 1) for low, rest in parts])
        self._squares = self._coarse.square().sum(1).cpu().numpy()

    def search(  # noqa: D102
        self, query: Tensor, k: int, metric: Metric = "euclidean", exclude: Sequence[int] = ()
    ) -> Neighbours:
        _expect(metric, self._metric)
        query = self._searcher.check(query, k)
        low, rest = self._space.project(query[None])
        bounds = self._squares - 2 * multiply(self._coarse, torch.cat([low[0], rest]))
        bounds[list(exclude)] = np.inf
        count = min(max(_CANDIDATES, 20 * k), len(bounds) - len(set(exclude)))
        if count <= 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        return self._searcher.rank(pick_smallest(bounds, count), query, k, metric)


class BinaryIndex:
    """The paper's closing idea: short binary codes, compared by Hamming distance.

    Codes are the signs of 256 principal coordinates after the rotation of ITQ (Gong and
    Lazebnik, https://doi.org/10.1109/CVPR.2011.5995432), 32 bytes a row.
    """

    def __init__(self, searcher: Searcher, metric: Metric) -> None:
        """Learn the rotation and encode every row."""
        self._searcher, self._metric = searcher, metric
        self._space = _Space(searcher, metric, _BITS)
        sample = self._space.project(searcher.matrix[:_SAMPLE])[0]
        self._rotation = _learn_rotation(sample)
        parts = self._space.project_all(searcher.matrix)
        self._codes = np.concatenate([self._encode(low) for low, _ in parts])

    def _encode(self, low: Tensor) -> npt.NDArray[np.uint64]:
        bits = (low @ self._rotation > 0).cpu().numpy()
        packed = np.packbits(bits, axis=1)
        packed = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 8)))
        return np.ascontiguousarray(packed).view(np.uint64)  # (N, ceil(bits / 64))

    def search(  # noqa: D102
        self, query: Tensor, k: int, metric: Metric = "euclidean", exclude: Sequence[int] = ()
    ) -> Neighbours:
        _expect(metric, self._metric)
        query = self._searcher.check(query, k)
        code = self._encode(self._space.project(query[None])[0])
        hamming = np.bitwise_count(self._codes ^ code).sum(1, dtype=np.float32)
        hamming[list(exclude)] = np.inf
        count = min(max(2 * _CANDIDATES, 20 * k), len(hamming) - len(set(exclude)))
        if count <= 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        return self._searcher.rank(pick_smallest(hamming, count), query, k, metric)


def _learn_rotation(sample: Tensor, rounds: int = 30) -> Tensor:
    """Return the rotation (B, B) that brings coordinates (N, B) nearest to a cube's corners."""
    generator = torch.Generator().manual_seed(0)
    width = sample.shape[1]
    start = torch.randn(width, width, generator=generator).to(sample)
    rotation: Tensor = torch.linalg.qr(start)[0]
    for _ in range(rounds):
        corners = (sample @ rotation).sign()
        left, _, right = torch.linalg.svd(sample.T @ corners)
        rotation = left @ right
    return rotation


def _expect(metric: Metric, own: Metric) -> None:
    if metric != own:
        raise ValueError(f"this index was made for {own}, not {metric}")


@dataclass(frozen=True, slots=True)
class Recall:
    """How an index does on a gallery's own rows.

    Attributes:
        recall: Share of the ten nearest of exact search that the index finds too, in [0, 1].
        seconds: Median of a search through the index.
        exact_seconds: Median of an exact search.
        queries: How many rows were asked with.
    """

    recall: float
    seconds: float
    exact_seconds: float
    queries: int


def measure_recall(
    index: Search, searcher: Searcher, metric: Metric, k: int = 10, queries: int = 40
) -> Recall:
    """Ask with some of the gallery's own rows, each left out of its answer."""
    count = len(searcher.matrix)
    rng = np.random.default_rng(0)
    rows = rng.choice(count, min(queries, count), replace=False).tolist()
    shares, times, exact_times = [], [], []
    for row in rows:
        query = searcher.matrix[row]
        began = time.perf_counter()
        found = index.search(query, k, metric, [row])
        middle = time.perf_counter()
        exact = searcher.search(query, k, metric, [row])
        exact_times.append(time.perf_counter() - middle)
        times.append(middle - began)
        same = np.intersect1d(found.indices, exact.indices)
        shares.append(len(same) / max(len(exact.indices), 1))
    return Recall(
        float(np.mean(shares)), float(np.median(times)), float(np.median(exact_times)), len(rows)
    )
