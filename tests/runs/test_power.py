import numpy as np
import pytest
from scipy import stats

from alexcore.runs.effect import Effect
from alexcore.runs.power import (
    MOST_SEEDS,
    compute_detectable,
    compute_power,
    compute_spread_interval,
    count_seeds,
)


@pytest.mark.parametrize(("effect_size", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_seeds_are_those_published_for_small_medium_and_large_effects(
    effect_size: float, pairs: int
) -> None:
    """Matched pairs, alpha 0.05 two-sided, power 0.80: G*Power 3, statsmodels' TTestPower."""
    assert count_seeds(effect_size, 1.0) == pairs
    assert count_seeds(effect_size / 100, 0.01) == pairs


@pytest.mark.parametrize(("difference", "seeds"), [(0.9, 2), (0.9, 3), (0.9, 12), (3.0, 4)])
def test_power_is_that_of_the_noncentral_f(difference: float, seeds: int) -> None:
    """The square of a noncentral t, by another of scipy's distributions, on both sides of 5."""
    critical = stats.t.ppf(0.975, seeds - 1)
    tails = stats.ncf.sf(critical**2, 1, seeds - 1, difference**2 * seeds)
    assert compute_power(difference, 1.0, seeds) == pytest.approx(tails, rel=1e-6)
    assert compute_power(-difference, 1.0, seeds) == pytest.approx(tails, rel=1e-6)


def test_power_is_how_often_a_t_test_sees_the_difference() -> None:
    rng = np.random.default_rng(0)
    found = stats.ttest_1samp(rng.normal(0.01, 0.0145, (20_000, 8)), 0, axis=1).pvalue < 0.05
    assert compute_power(0.01, 0.0145, 8) == pytest.approx(found.mean(), abs=0.01)


def test_power_without_a_difference_is_the_level() -> None:
    assert compute_power(0.0, 1.0, 7) == pytest.approx(0.05)
    assert compute_power(0.1, 1.0, MOST_SEEDS) == pytest.approx(1.0)  # where nct's tail is nan


def test_detectable_is_the_inverse_of_seeds() -> None:
    for seeds in (2, 3, 20, 500):
        smallest = compute_detectable(seeds)
        assert count_seeds(1.001 * smallest, 1.0) == seeds
        assert count_seeds(0.999 * smallest, 1.0) == seeds + 1


def test_seeds_end_somewhere() -> None:
    assert count_seeds(0.001, 1.0) is None
    assert count_seeds(100.0, 1.0) == 2


def test_power_rejects_what_has_none() -> None:
    with pytest.raises(ValueError, match="spread=0"):
        compute_power(0.1, 0, 3)
    with pytest.raises(ValueError, match="1 seeds"):
        compute_power(0.1, 1.0, 1)


def test_the_spread_lies_in_its_interval_nineteen_times_of_twenty() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for row in rng.normal(0, 0.02, (2000, 4)):
        interval = compute_spread_interval(Effect(tuple(row.tolist())))
        assert interval is not None
        held += interval[0] < 0.02 < interval[1]
    assert held / 2000 == pytest.approx(0.95, abs=0.015)
    assert compute_spread_interval(Effect((0.1,))) is None
