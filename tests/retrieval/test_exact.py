import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from alexcore.errors import GalleryError
from alexcore.retrieval.exact import Searcher
from alexcore.retrieval.metrics import Metric, parse_metric

CPU = torch.device("cpu")


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_search_equals_scikit_learn(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    matrix = np.maximum(rng.normal(size=(500, 64)), 0).astype(np.float32)
    queries = np.maximum(rng.normal(size=(8, 64)), 0).astype(np.float32)
    model = NearestNeighbors(n_neighbors=10, metric=metric, algorithm="brute").fit(matrix)
    distances, indices = model.kneighbors(queries)
    searcher = Searcher(matrix, CPU)
    for row, query in enumerate(queries):
        found = searcher.search(torch.from_numpy(query), 10, metric)
        assert found.indices.tolist() == indices[row].tolist()
        np.testing.assert_allclose(found.distances, distances[row], atol=1e-4)


def test_search_breaks_ties_by_row() -> None:
    matrix = np.array([[1, 0], [0, 0], [0, 1], [0, 0], [5, 5]], np.float32)
    found = Searcher(matrix, CPU).search(torch.zeros(2), 4)
    assert found.indices.tolist() == [1, 3, 0, 2]
    assert found.distances.tolist() == [0.0, 0.0, 1.0, 1.0]


def test_search_is_exact_where_the_expanded_form_cancels() -> None:
    """Rows far from the origin and close together: |a|^2 - 2ab + |b|^2 has no digits left."""
    matrix = np.full((4, 3), 10_000, np.float32)
    matrix[:, 0] += np.array([3, 1, 2, 0], np.float32) / 64
    found = Searcher(matrix, CPU).search(torch.full((3,), 10_000.0), 4)
    assert found.indices.tolist() == [3, 1, 2, 0]
    np.testing.assert_allclose(found.distances, np.array([0, 1, 2, 3]) / 64)


def test_search_leaves_out_what_it_must_not_return() -> None:
    matrix = np.arange(5, dtype=np.float32)[:, None]
    found = Searcher(matrix, CPU).search(torch.zeros(1), 5, exclude=[0, 2])
    assert found.indices.tolist() == [1, 3, 4]


def test_search_rejects_wrong_queries_and_k() -> None:
    searcher = Searcher(np.zeros((3, 4), np.float32), CPU)
    with pytest.raises(GalleryError, match="they come from different models"):
        searcher.search(torch.zeros(5), 1)
    with pytest.raises(GalleryError, match="got k=0"):
        searcher.search(torch.zeros(4), 0)
    with pytest.raises(GalleryError, match="the gallery is empty"):
        Searcher(np.zeros((0, 4), np.float32), CPU)


def test_parse_metric_rejects_others() -> None:
    assert parse_metric("cosine") == "cosine"
    with pytest.raises(GalleryError, match="got metric 'manhattan'"):
        parse_metric("manhattan")
