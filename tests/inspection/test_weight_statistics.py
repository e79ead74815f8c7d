import math

import numpy as np
import pytest
import torch

from alexcore.inspection.weight_statistics import (
    compute_autocorrelation,
    compute_kernel_statistics,
    compute_weight_statistics,
)
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.training.kernels import load_kernels


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


def test_autocorrelation_by_hand() -> None:
    """Of a horizontal ramp 0..10, a chessboard, two planes of which one is constant, a constant."""
    ramp = torch.arange(11.0).expand(11, 11)
    board = (torch.arange(11)[:, None] + torch.arange(11)) % 2.0
    flat = torch.ones(11, 11)
    kernels = torch.stack(
        [
            torch.stack(planes)
            for planes in ((ramp, ramp), (board, board), (ramp, flat), (flat, flat))
        ]
    )
    found = compute_autocorrelation(kernels)
    # Mean-free -5..5: the mean of x (x + 1) over ten neighbours is 8; down it is the mean of x x.
    assert found[0] == pytest.approx((8 + 10) / 2 / 10)
    # 61 zeros and 60 ones: neighbours have the products -(60/121)(61/121), as has the mean square.
    assert found[1] == pytest.approx(-1)
    assert found[2] == pytest.approx(0.9), "a constant plane adds nothing"
    assert math.isnan(found[3])


def test_autocorrelation_of_noise_is_0_and_of_a_wave_its_cosine() -> None:
    """Neighbours on a sine of period p have the correlation cos(2 pi / p)."""
    torch.manual_seed(0)
    noise = compute_kernel_statistics(torch.randn(400, 3, 11, 11) + 5)
    assert abs(noise.median) < 0.02 and noise.best_tenth < 0.1
    x = torch.arange(80.0)
    wave = torch.sin(2 * torch.pi * (x[:, None] + x) / 40).expand(4, 3, 80, 80)
    assert compute_kernel_statistics(wave).median == pytest.approx(math.cos(math.pi / 20), abs=1e-3)


def test_faint_kernels_are_those_below_a_tenth_of_the_strongest() -> None:
    kernels = torch.zeros(10, 3, 2, 2)
    kernels[:, 0, 0, 0] = torch.tensor([1.0, 0.05, 0.05, 0.05, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2])
    assert compute_kernel_statistics(kernels).faint_share == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("name", "median", "added"), [("half-b16-s1", 0.25, 0.84), ("full-b16-s1", 0.16, 0.77)]
)
def test_shipped_kernels_are_noise_and_what_training_added_is_not(
    name: str, median: float, added: float
) -> None:
    """The start is drawn again from the seed, or else the difference would be noise too."""
    start, end = load_kernels(load_run(SHIPPED_RUNS / name)).values()
    assert abs(compute_kernel_statistics(start).median) < 0.03
    assert compute_kernel_statistics(end).median == pytest.approx(median, abs=0.01)
    assert compute_kernel_statistics(end - start).median == pytest.approx(added, abs=0.01)
