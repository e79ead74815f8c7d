import numpy as np

from alexcore.features.matching import match_channels


def test_matching_finds_a_shuffled_copy() -> None:
    rng = np.random.default_rng(0)
    left = rng.normal(size=(200, 12)).astype(np.float32)
    shuffle = rng.permutation(12)
    right = left[:, shuffle] * 3 + 1 + rng.normal(scale=0.01, size=(200, 12)).astype(np.float32)
    found = match_channels(left, right)
    assert all(shuffle[b] == a for a, b in zip(found.left, found.right, strict=True))
    assert found.correlations.min() > 0.99
    assert np.all(np.diff(found.correlations) <= 0)


def test_correlations_equal_numpys() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=(50, 4)), rng.normal(size=(50, 6))
    found = match_channels(left.astype(np.float32), right.astype(np.float32))
    assert len(found.left) == 4
    for a, b, value in zip(found.left, found.right, found.correlations, strict=True):
        np.testing.assert_allclose(value, np.corrcoef(left[:, a], right[:, b])[0, 1], atol=1e-5)


def test_a_constant_channel_correlates_with_none() -> None:
    left = np.zeros((10, 1), np.float32)
    right = np.random.default_rng(0).normal(size=(10, 1)).astype(np.float32)
    assert match_channels(left, right).correlations.tolist() == [0.0]
