import numpy as np
import pytest
from sklearn.decomposition import PCA

from alexcore.features.channels import (
    Order,
    combine_channels,
    compute_components,
    find_silent,
    order_channels,
)

MAPS = np.array(
    [[[0, 4], [0, 0]], [[2, 2], [2, 2]], [[0, 0], [0, 0]], [[3, 0], [0, 3]]], np.float32
)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("index", [0, 1, 2, 3]),
        ("mean", [1, 3, 0, 2]),  # 1, 2, 0, 1.5
        ("maximum", [0, 3, 1, 2]),  # 4, 2, 0, 3
        ("sparsity", [2, 0, 3, 1]),  # 3/4, 0, 1, 1/2 of the cells
    ],
)
def test_order_by_hand(by: Order, expected: list[int]) -> None:
    assert order_channels(MAPS, by).tolist() == expected


def test_silent_channels_never_rise_above_zero() -> None:
    assert find_silent(MAPS).tolist() == [False, False, True, False]
    assert find_silent(-MAPS).tolist() == [True, True, True, True]


def test_combinations_by_hand() -> None:
    assert combine_channels(MAPS, "sum").tolist() == [[5, 6], [2, 5]]
    assert combine_channels(MAPS, "mean").tolist() == [[1.25, 1.5], [0.5, 1.25]]
    assert combine_channels(MAPS, "maximum").tolist() == [[3, 4], [2, 3]]


def test_components_equal_scikit_learns() -> None:
    maps = np.random.default_rng(0).normal(size=(20, 9, 9)).astype(np.float32)
    theirs = PCA(3).fit_transform(maps.reshape(20, -1).T.astype(np.float64))
    ours = compute_components(maps).reshape(-1, 3)
    assert ours.min() == 0 and ours.max() == 1
    for place in range(3):
        correlation = np.corrcoef(ours[:, place], theirs[:, place])[0, 1]
        assert abs(correlation) == pytest.approx(1, abs=1e-5)


def test_components_of_little_are_grey() -> None:
    assert np.all(compute_components(np.ones((5, 4, 4), np.float32)) == 0.5)
    two = compute_components(np.random.default_rng(0).random((2, 4, 4)).astype(np.float32))
    assert np.all(two[..., 2] == 0.5) and two[..., 0].std() > 0
