"""Exact nearest neighbours: one matrix product on the device that holds the model, then topk."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.errors import GalleryError
from alexcore.retrieval.metrics import Metric

MAX_K = 1000


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest rows of a gallery, the nearest first, ties in the order of the rows.

    Attributes:
        indices: Rows, int64 (k,).
        distances: Euclidean distance, or 1 - cosine similarity, float32 (k,).
    """

    indices: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float32]


class Searcher:
    """A gallery's matrix on a device, with what does not depend on the query kept beside."""

    def __init__(self, embeddings: npt.NDArray[np.float32], device: torch.device) -> None:
        """Copy (N, D) float32 to the device and compute its squared norms."""
        if embeddings.ndim != 2 or len(embeddings) == 0:
            raise GalleryError(f"got embeddings of shape {embeddings.shape}; the gallery is empty.")
        self._matrix = torch.from_numpy(np.ascontiguousarray(embeddings)).to(device)
        self._squares = self._matrix.square().sum(1)

    def search(
        self, query: Tensor, k: int, metric: Metric = "euclidean", exclude: Sequence[int] = ()
    ) -> Neighbours:
        """Return the k rows nearest to one query.

        The expanded form |a|^2 - 2ab + |b|^2 loses digits where it matters, so it only picks
        4k candidates, whose distances are then computed directly.

        Args:
            query: (D,) float32.
            k: 1 to 1,000; at most as many as there are rows.
            metric: Euclidean (the paper's) or cosine.
            exclude: Rows that must not be returned.

        Raises:
            GalleryError: k is out of range or the query has another width.
        """
        if not 1 <= k <= MAX_K:
            raise GalleryError(f"got k={k}; it must be 1 to {MAX_K:,}.")
        if query.shape != self._matrix.shape[1:]:
            raise GalleryError(
                f"the query has {tuple(query.shape)} numbers, the gallery's rows have "
                f"{self._matrix.shape[1]}; they come from different models."
            )
        query = query.to(self._matrix)
        products = self._matrix @ query
        if metric == "euclidean":
            rough = self._squares - 2 * products
        else:
            rough = -products / self._squares.sqrt().clamp_min(1e-12)
        if len(exclude):
            rough[torch.as_tensor(exclude, device=rough.device)] = torch.inf
        available = len(rough) - len(set(exclude))
        rows = rough.topk(min(4 * k + 16, available), largest=False).indices.sort().values
        exact = self._measure(rows, query, metric)
        order = exact.sort(stable=True).indices[:k]
        return Neighbours(rows[order].cpu().numpy(), exact[order].cpu().numpy())

    def _measure(self, rows: Tensor, query: Tensor, metric: Metric) -> Tensor:
        chosen = self._matrix[rows]
        if metric == "euclidean":
            return (chosen - query).square().sum(1).sqrt()
        return 1 - torch.nn.functional.cosine_similarity(chosen, query.unsqueeze(0))
