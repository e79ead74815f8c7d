"""How many seeds would see a difference: the power of the paired t test.

spread over seeds -> ``compute_power`` of a number of seeds; ``count_seeds`` and
``compute_detectable`` for 80%.
"""

from bisect import bisect_left
from functools import cache
from math import sqrt

from alexcore.runs.effect import Effect

POWER = 0.8
LEVEL = 0.05
MOST_SEEDS = 10_000


def compute_power(difference: float, spread: float, seeds: int) -> float:
    """Return the chance that a true difference is seen at the 5% level, two-sided.

    A difference is seen when t of the paired differences lies beyond its critical value; with a
    true difference t is noncentral with noncentrality ``difference / spread * sqrt(seeds)``.
    Cohen, Statistical Power Analysis for the Behavioral Sciences, 2nd edition, chapter 2.

    Args:
        difference: The true mean of the differences.
        spread: Standard deviation of the differences over seeds, above 0, in the same unit.
        seeds: Number of pairs, at least 2.

    Raises:
        ValueError: ``spread`` or ``seeds`` is too small.
    """
    from scipy.stats import nct, t

    if spread <= 0 or seeds < 2:
        raise ValueError(f"got spread={spread} and {seeds} seeds; it takes one above 0 and two.")
    critical = t.ppf(1 - LEVEL / 2, seeds - 1)
    shift = abs(difference) / spread * sqrt(seeds)
    # Seen on the wrong side: below 1e-6 for a shift of 5, and soon nan as scipy computes it.
    wrong = nct.cdf(-critical, seeds - 1, shift) if shift < 5 else 0.0
    return float(nct.sf(critical, seeds - 1, shift) + wrong)


def count_seeds(difference: float, spread: float) -> int | None:
    """Return the fewest seeds that see a true difference with 80% power at the 5% level.

    Args:
        difference: As in ``compute_power``.
        spread: Likewise.

    Returns:
        At least 2; None when ``MOST_SEEDS`` do not suffice.

    Raises:
        ValueError: ``spread`` is not above 0.
    """
    numbers = range(2, MOST_SEEDS + 1)
    place = bisect_left(numbers, POWER, key=lambda n: compute_power(difference, spread, n))
    return numbers[place] if place < len(numbers) else None


@cache
def compute_detectable(seeds: int) -> float:
    """Return the smallest true difference that so many seeds see with 80% power, in spreads.

    The inverse of ``count_seeds``: power depends on ``difference / spread`` alone.

    Args:
        seeds: At least 2.
    """
    from scipy.optimize import brentq

    # 13.2 spreads take two seeds; a difference of 0.02 takes more than MOST_SEEDS.
    return float(brentq(lambda d: compute_power(d, 1.0, seeds) - POWER, 0.02, 20.0))


def compute_spread_interval(effect: Effect) -> tuple[float, float] | None:
    """Return the 95% interval of the spread over seeds; None with one seed.

    (n - 1) s² / σ² is chi-squared with n - 1 degrees of freedom when the differences are normal:
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda358.htm.
    """
    from scipy.stats import chi2

    if effect.spread is None:
        return None
    freedom = effect.seeds - 1
    low, high = (effect.spread * sqrt(freedom / chi2.ppf(q, freedom)) for q in (0.975, 0.025))
    return low, high
