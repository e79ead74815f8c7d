import numpy as np
import pytest
from scipy import stats

from alexcore.runs.bootstrap import compute_bootstrap, differs_from_student
from alexcore.runs.effect import Effect

NORMAL = tuple(stats.norm.ppf((np.arange(12) + 0.5) / 12, 0.01, 0.02).tolist())


def test_of_symmetric_differences_bca_is_the_percentile_interval() -> None:
    """Without skew the acceleration and the bias are 0, so that BCa takes the plain percentiles."""
    half = np.array(NORMAL[:6])
    symmetric = np.concatenate([half, -half])
    interval = compute_bootstrap(Effect(tuple(symmetric.tolist())))
    rng = np.random.default_rng(0)
    means = symmetric[rng.integers(0, 12, (100_000, 12))].mean(axis=1)
    expected = np.percentile(means, [2.5, 97.5])
    assert interval == pytest.approx(tuple(expected), abs=0.0006)


def test_the_seed_decides_the_resamples() -> None:
    effect = Effect(NORMAL)
    assert compute_bootstrap(effect, 1) == compute_bootstrap(effect, 1)
    assert compute_bootstrap(effect, 1) != compute_bootstrap(effect, 2)


def test_few_and_skewed_differences_part_from_students_t() -> None:
    few, skewed = Effect(NORMAL[:3]), Effect((0.0,) * 11 + (0.3,))
    for effect, differs in ((Effect(NORMAL), False), (few, True), (skewed, True)):
        interval = compute_bootstrap(effect)
        assert interval is not None
        assert differs_from_student(effect, interval) is differs


@pytest.mark.parametrize("differences", [(0.1,), (0.1, 0.1, 0.1)])
def test_without_a_spread_there_is_nothing_to_resample(differences: tuple[float, ...]) -> None:
    assert compute_bootstrap(Effect(differences)) is None
