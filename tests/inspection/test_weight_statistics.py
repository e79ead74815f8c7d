import numpy as np
import pytest
import torch

from alexcore.inspection.weight_statistics import compute_weight_statistics


def test_statistics_equal_numpy() -> None:
    torch.manual_seed(0)
    weights = torch.randn(64, 3, 11, 11)
    weights[0] = 0
    found = compute_weight_statistics(weights, bins=40)
    values = weights.numpy().ravel()
    counts, edges = np.histogram(values, 40)
    assert found.count == values.size
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean(), abs=1e-6)
    assert found.std == pytest.approx(values.std(), rel=1e-5)
    assert found.sparsity == pytest.approx(363 / values.size)
    assert found.counts.sum() == values.size
    assert np.abs(found.counts - counts).max() <= 2  # values on a border may fall either way
    np.testing.assert_allclose(found.edges, edges, rtol=1e-5)


def test_constant_weights_have_a_histogram() -> None:
    found = compute_weight_statistics(torch.full((5,), 2.0))
    assert found.counts.sum() == 5
    assert found.std == 0
