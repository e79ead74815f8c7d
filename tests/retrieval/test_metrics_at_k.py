from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from sklearn.metrics.pairwise import cosine_distances, euclidean_distances

from alexcore.errors import GalleryError
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.metrics_at_k import evaluate_retrieval
from alexcore.retrieval.store import Entries

RNG = np.random.default_rng(0)
LABELS = [str(label) for label in RNG.integers(0, 4, 60)]
ROWS = Entries(
    tuple(f"{i:02d}.png" for i in range(60)),
    tuple(LABELS),
    tuple(f"row-{i}" for i in range(60)),
    RNG.normal(size=(60, 8)).astype(np.float32),
    Path("nowhere"),
)
VECTORS = RNG.normal(size=(9, 8)).astype(np.float32)
ANSWERS = [str(label) for label in RNG.integers(0, 4, 9)]


def ask(
    vectors: "np.ndarray", labels: Sequence[str], digests: Sequence[str] | None = None
) -> Entries:
    names = tuple(f"query-{i}" for i in range(len(labels)))
    return Entries(names, tuple(labels), tuple(digests or names), vectors, Path("nowhere"))


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_figures_equal_scikit_learn(metric: Metric) -> None:
    found = evaluate_retrieval(ask(VECTORS, ANSWERS), ROWS, metric)
    measure = euclidean_distances if metric == "euclidean" else cosine_distances
    distances = measure(VECTORS, ROWS.embeddings)
    right = np.array(ANSWERS)[:, None] == np.array(LABELS)
    expected = [average_precision_score(r, -d) for r, d in zip(right, distances, strict=True)]
    assert found.mean_average_precision == pytest.approx(np.mean(expected))
    order = distances.argsort(1)
    for k in (1, 5, 10):
        top = np.take_along_axis(right, order[:, :k], 1)
        assert found.precision[k] == pytest.approx(top.mean())
    assert found.knn_accuracy[1] == found.precision[1]
    of_two = [top.mean() for top, label in zip(top, ANSWERS, strict=True) if label == "2"]
    assert found.by_class["2"] == pytest.approx(np.mean(of_two))


def test_chance_is_the_share_of_the_query_s_class() -> None:
    rows = replace(ROWS, labels=("a",) * 45 + ("b",) * 15)
    found = evaluate_retrieval(ask(VECTORS[:2], ["a", "b"]), rows)
    assert found.chance == pytest.approx((0.75 + 0.25) / 2)


def test_exact_copies_of_a_query_never_count() -> None:
    """The query's own bytes are in the gallery twice, at distance zero."""
    embeddings = ROWS.embeddings.copy()
    embeddings[:2] = VECTORS[0]
    labels = ("x", "x", *["y"] * 58)
    digests = ("same", "same", *ROWS.digests[2:])
    rows = replace(ROWS, embeddings=embeddings, labels=labels, digests=digests)
    with_copies = evaluate_retrieval(ask(VECTORS[:1], ["x"], ["other"]), rows)
    without = evaluate_retrieval(ask(VECTORS[:1], ["x"], ["same"]), rows)
    assert with_copies.precision[1] == 1.0
    assert without.precision[1] == 0.0 and without.mean_average_precision == 0.0


def test_votes_are_decided_by_the_nearest() -> None:
    line = np.arange(12, dtype=np.float32)[:, None]
    labels = ("b", "a", "a", "b", *"cdefghij")[:12]
    rows = replace(ROWS, paths=ROWS.paths[:12], labels=tuple(labels), digests=ROWS.digests[:12],
                   embeddings=line)  # fmt: skip
    found = evaluate_retrieval(ask(np.zeros((1, 1), np.float32), ["b"]), rows, ks=(1, 3, 4))
    assert found.knn_accuracy == {1: 1.0, 3: 0.0, 4: 1.0}  # b; a twice; two each, b was first


def test_evaluate_rejects_nothing_to_compare() -> None:
    with pytest.raises(GalleryError, match="got 0 queries"):
        evaluate_retrieval(ask(VECTORS[:0], []), ROWS)
