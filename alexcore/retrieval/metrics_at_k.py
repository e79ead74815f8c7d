"""How good the answers are: labels of neighbours against labels of queries they never saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torchmetrics.functional.retrieval import retrieval_average_precision

from alexcore.errors import GalleryError
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.store import Entries

_CHUNK = 64


@dataclass(frozen=True, slots=True)
class RetrievalMetrics:
    """Figures over all queries, each in [0, 1].

    Attributes:
        precision: {k: mean share of the k nearest that have the query's label}.
        knn_accuracy: {k: share of queries whose label is the commonest among the k nearest, the
            nearest deciding ties}.
        mean_average_precision: Mean over queries of the average precision of the whole ranking.
        by_class: {label: precision at the largest k}.
        chance: Expected precision of a random answer.
        queries: How many were asked.
    """

    precision: dict[int, float]
    knn_accuracy: dict[int, float]
    mean_average_precision: float
    by_class: dict[str, float]
    chance: float
    queries: int


def evaluate_retrieval(
    queries: Entries,
    entries: Entries,
    metric: Metric = "euclidean",
    ks: Sequence[int] = (1, 5, 10),
) -> RetrievalMetrics:
    """Rank the whole gallery for each query and compare labels.

    Exact copies of a query never count: they are left out of its ranking.

    Args:
        queries: In the space of the gallery.
        entries: Of the gallery.
        metric: Of the ranking.
        ks: Ascending.

    Raises:
        GalleryError: There are no queries, or fewer rows than the largest k.
    """
    count = len(queries.paths)
    if count == 0 or len(entries.paths) <= max(ks):
        raise GalleryError(
            f"got {count} queries and {len(entries.paths)} rows; it takes a query and more "
            f"than {max(ks)} rows."
        )
    names = sorted({*entries.labels, *queries.labels})
    index = {name: i for i, name in enumerate(names)}
    gallery = np.array([index[label] for label in entries.labels])
    copies = _find_rows(entries.digests)
    hits: list[npt.NDArray[np.bool_]] = []
    votes: dict[int, list[bool]] = {k: [] for k in ks}
    averages = []
    for start in range(0, count, _CHUNK):
        order = _rank(queries.embeddings[start : start + _CHUNK], entries.embeddings, metric)
        for place, ranking in enumerate(order, start=start):
            kept = ranking[~np.isin(ranking, copies.get(queries.digests[place], []))]
            found = gallery[kept]
            right = found == index[queries.labels[place]]
            hits.append(right[: max(ks)])
            averages.append(_average_precision(right))
            for k in ks:
                votes[k].append(_vote(found[:k]) == index[queries.labels[place]])
    top = np.stack(hits)  # (Q, largest k)
    by_class = {
        name: float(top[[label == name for label in queries.labels]].mean())
        for name in names
        if name in queries.labels
    }
    shares = np.bincount(gallery, minlength=len(names)) / len(gallery)
    return RetrievalMetrics(
        precision={k: float(top[:, :k].mean()) for k in ks},
        knn_accuracy={k: float(np.mean(votes[k])) for k in ks},
        mean_average_precision=float(np.mean(averages)),
        by_class=by_class,
        chance=float(np.mean([shares[index[label]] for label in queries.labels])),
        queries=count,
    )


def _find_rows(digests: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, digest in enumerate(digests):
        rows.setdefault(digest, []).append(row)
    return rows


def _rank(
    queries: npt.NDArray[np.float32], matrix: npt.NDArray[np.float32], metric: Metric
) -> npt.NDArray[np.int64]:
    """Return (Q, N) rows, the nearest first, ties in the order of the rows."""
    left, right = torch.from_numpy(queries).double(), torch.from_numpy(matrix).double()
    if metric == "cosine":
        left, right = (torch.nn.functional.normalize(side) for side in (left, right))
    order: npt.NDArray[np.int64] = torch.cdist(left, right).sort(dim=1, stable=True).indices.numpy()
    return order


def _average_precision(right: npt.NDArray[np.bool_]) -> float:
    """Return the average precision of one ranking, the nearest first; 0 when nothing is right."""
    scores = torch.arange(len(right), 0, -1.0)  # above 0, where torchmetrics takes a row to count
    return float(retrieval_average_precision(scores, torch.from_numpy(right)))


def _vote(found: npt.NDArray[np.int64]) -> int:
    """Return the commonest class, of equally common ones the one that comes first."""
    counts = np.bincount(found)
    return int(next(label for label in found if counts[label] == counts.max()))
