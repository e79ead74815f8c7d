import pytest
from scipy import stats

from alexcore.runs.effect import Effect
from alexcore.runs.equivalence import compute_equivalence

DIFFERENCES = (0.004, -0.003, 0.006, 0.001, -0.002, 0.003)


def test_both_tests_are_scipys_one_sided_tests() -> None:
    found = compute_equivalence(Effect(DIFFERENCES), 0.005)
    assert found is not None
    above = stats.ttest_1samp(DIFFERENCES, -0.005, alternative="greater").pvalue
    below = stats.ttest_1samp(DIFFERENCES, 0.005, alternative="less").pvalue
    assert (found.above, found.below) == pytest.approx((above, below))
    interval = stats.ttest_1samp(DIFFERENCES, 0).confidence_interval(0.9)
    assert found.interval == pytest.approx(tuple(interval))
    assert found.verdict == "equivalent"


def test_equivalence_holds_exactly_where_the_90_percent_interval_is_inside() -> None:
    effect = Effect(DIFFERENCES)
    at = compute_equivalence(effect, 0.005)
    assert at is not None
    for factor, verdict in ((1.001, "equivalent"), (0.999, "cannot tell")):
        found = compute_equivalence(effect, factor * at.smallest_bound)
        assert found is not None and found.verdict == verdict


def test_a_certain_difference_is_different_or_small() -> None:
    effect = Effect((0.020, 0.021, 0.019, 0.020))
    verdicts = {b: compute_equivalence(effect, b) for b in (0.01, 0.03)}
    assert [found and (found.verdict, found.sign) for found in verdicts.values()] == [
        ("different", 1),
        ("equivalent", 1),
    ]


def test_equal_differences_are_equivalent_inside_the_bound_alone() -> None:
    effect = Effect((0.02, 0.02))
    for bound, verdict in ((0.01, "different"), (0.03, "equivalent")):
        found = compute_equivalence(effect, bound)
        assert found is not None and found.verdict == verdict


def test_one_seed_has_no_verdict() -> None:
    assert compute_equivalence(Effect((0.1,)), 0.01) is None


def test_equivalence_rejects_a_bound_of_nothing() -> None:
    with pytest.raises(ValueError, match="above 0"):
        compute_equivalence(Effect(DIFFERENCES), 0)
