import numpy as np
import numpy.typing as npt
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from alexcore.retrieval.exact import Searcher
from alexcore.retrieval.index import (
    BinaryIndex,
    Method,
    ProjectionIndex,
    choose_method,
    create_index,
    measure_recall,
)
from alexcore.retrieval.metrics import Metric

CPU = torch.device("cpu")


def create_rows(count: int = 4000, width: int = 256) -> npt.NDArray[np.float32]:
    """Overlapping clusters cut at zero, as a hidden layer's outputs are."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(40, width))
    spread = rng.normal(size=(count, 30)) @ rng.normal(size=(30, width)) / 6
    noise = 0.2 * rng.normal(size=(count, width))
    return np.maximum(centres[rng.integers(0, 40, count)] + spread + noise, 0).astype(np.float32)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("method", ["projection", "binary codes"])
def test_index_finds_what_scikit_learn_finds(method: Method, metric: Metric) -> None:
    matrix = create_rows()
    model = NearestNeighbors(n_neighbors=11, metric=metric, algorithm="brute").fit(matrix)
    index = create_index(Searcher(matrix, CPU), method, metric)
    rows = range(0, 4000, 100)
    distances, expected = model.kneighbors(matrix[list(rows)])
    shares = []
    for place, row in enumerate(rows):
        found = index.search(torch.from_numpy(matrix[row]), 10, metric, [row])
        assert row not in found.indices
        shares.append(np.isin(expected[place, 1:], found.indices).mean())
        assert found.distances[0] == pytest.approx(distances[place, 1], abs=1e-3)
    assert np.mean(shares) > 0.99


def test_bounds_are_never_above_the_distance() -> None:
    matrix = create_rows(500)
    index = ProjectionIndex(Searcher(matrix, CPU), "euclidean")
    coarse = index._coarse.numpy()
    for row in (0, 7, 400):
        bounds = np.linalg.norm(coarse - coarse[row], axis=1)
        assert (bounds <= np.linalg.norm(matrix - matrix[row], axis=1) + 1e-3).all()


def test_codes_are_256_bits_of_either_kind() -> None:
    index = BinaryIndex(Searcher(create_rows(), CPU), "euclidean")
    assert index._codes.shape == (4000, 4)
    set_bits = np.bitwise_count(index._codes).sum(1)
    assert 90 < set_bits.mean() < 166


def test_recall_of_exact_search_is_whole_and_of_a_poor_one_is_not() -> None:
    searcher = Searcher(create_rows(1000), CPU)
    assert measure_recall(searcher, searcher, "euclidean").recall == 1.0
    reversed_rows = Searcher(create_rows(1000)[::-1].copy(), CPU)
    poor = measure_recall(reversed_rows, searcher, "euclidean", queries=20)
    assert poor.recall < 0.5 and poor.queries == 20


def test_small_galleries_are_searched_exactly() -> None:
    searcher = Searcher(create_rows(100), CPU)
    assert choose_method(searcher) == "exact"
    assert create_index(searcher, "exact", "cosine") is searcher


def test_index_of_few_rows_gives_all_that_are_left() -> None:
    matrix = create_rows(8, 16)
    for method in ("projection", "binary codes"):
        index = create_index(Searcher(matrix, CPU), method, "euclidean")
        found = index.search(torch.from_numpy(matrix[0]), 10, "euclidean", [0, 1])
        assert sorted(found.indices.tolist()) == [2, 3, 4, 5, 6, 7]
        everything = index.search(torch.from_numpy(matrix[0]), 3, "euclidean", range(8))
        assert len(everything.indices) == 0


def test_index_rejects_another_metric() -> None:
    index = create_index(Searcher(create_rows(50), CPU), "projection", "euclidean")
    with pytest.raises(ValueError, match="made for euclidean, not cosine"):
        index.search(torch.zeros(256), 1, "cosine")
