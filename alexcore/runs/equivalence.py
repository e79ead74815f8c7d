"""Whether two choices are equivalent within a bound one chooses: two one-sided tests."""

from dataclasses import dataclass
from math import copysign, inf, sqrt
from typing import Literal

from alexcore.runs.effect import Effect
from alexcore.runs.power import LEVEL

Verdict = Literal["equivalent", "different", "cannot tell"]


@dataclass(frozen=True, slots=True)
class Equivalence:
    """What the two one-sided tests say of an effect.

    Attributes:
        bound: Differences within plus or minus this count as none.
        above: p of the test that the mean is above ``-bound``.
        below: p of the test that the mean is below ``bound``.
        interval: The mean's 90% interval; inside the bounds exactly when both p are below 5%.
        sign: Of the effect, by its 95% interval: 1, -1 or 0.
    """

    bound: float
    above: float
    below: float
    interval: tuple[float, float]
    sign: int

    @property
    def verdict(self) -> Verdict:
        """``equivalent`` when both tests say so, also where a small difference is certain."""
        if max(self.above, self.below) < LEVEL:
            return "equivalent"
        return "different" if self.sign else "cannot tell"

    @property
    def smallest_bound(self) -> float:
        """The bound beyond which the two would be called equivalent."""
        return max(map(abs, self.interval))


def compute_equivalence(effect: Effect, bound: float) -> Equivalence | None:
    """Test an effect against both bounds, paired over seeds; None with one seed.

    Schuirmann 1987, https://doi.org/10.1007/BF01068419; as recommended in Lakens 2017,
    https://doi.org/10.1177/1948550617697177.

    Args:
        effect: Of at least two seeds.
        bound: Above 0, in the effect's unit.

    Raises:
        ValueError: ``bound`` is not above 0.
    """
    from scipy.stats import t

    if bound <= 0:
        raise ValueError(f"got the bound {bound}; it must be above 0.")
    margin = effect.compute_margin(1 - 2 * LEVEL)
    if effect.spread is None or margin is None:
        return None
    error = effect.spread / sqrt(effect.seeds)

    def reject(distance: float) -> float:
        """Return p of the test that the mean lies this far inside a bound."""
        statistic = distance / error if error else copysign(inf, distance)
        return float(t.sf(statistic, effect.seeds - 1))

    return Equivalence(
        bound,
        above=reject(bound + effect.mean),
        below=reject(bound - effect.mean),
        interval=(effect.mean - margin, effect.mean + margin),
        sign=effect.sign,
    )
