"""How much one choice gives over another: differences paired over seeds, and their interval.

runs -> ``choose_measure`` -> ``compute_effect`` -> ``power``, ``equivalence``, ``bootstrap``; what
they say in words is ``finding``'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev
from typing import Any, Literal, NamedTuple

from alexcore.runs.run import Run

Factor = Literal["model", "batch_size"]
Measure = Literal["test", "last", "best"]
MEASURES: dict[Measure, str] = {
    "test": "test accuracy",
    "last": "validation accuracy at the last epoch",
    "best": "validation accuracy at the best epoch",
}
"""What runs can be compared by, in words; test pictures have chosen nothing, not even an epoch."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How much more accuracy one choice gives than another, as shares of 1.

    Attributes:
        differences: One a seed, each the mean over the seed's pairs of runs.
    """

    differences: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse an effect without a difference."""
        if not self.differences:
            raise ValueError("got no differences; an effect needs at least one pair of runs.")

    def __str__(self) -> str:
        """Return the mean with its 95% margin, in points: ``+0.5 ± 3.7 points``."""
        margin = "" if self.margin is None else f" ± {100 * self.margin:.1f}"
        return f"{100 * self.mean:+.1f}{margin} points"

    @property
    def seeds(self) -> int:
        """How many differences there are."""
        return len(self.differences)

    @property
    def mean(self) -> float:
        """Of the differences."""
        return mean(self.differences)

    @property
    def spread(self) -> float | None:
        """Standard deviation of the differences over seeds; None with one seed."""
        return stdev(self.differences) if self.seeds > 1 else None

    @property
    def margin(self) -> float | None:
        """Half the 95% interval of the mean; None with one seed."""
        return self.compute_margin(0.95)

    @property
    def sign(self) -> int:
        """1 or -1 when the 95% interval lies on one side of zero, else 0."""
        if self.margin is None or abs(self.mean) <= self.margin:
            return 0
        return 1 if self.mean > 0 else -1

    def compute_margin(self, level: float) -> float | None:
        """Return half the interval of the mean at a level in (0, 1); None with one seed.

        Student's t with n - 1 degrees of freedom, https://doi.org/10.1093/biomet/6.1.1.
        """
        from scipy.stats import t

        if self.spread is None:
            return None
        return float(t.ppf((1 + level) / 2, self.seeds - 1)) * self.spread / sqrt(self.seeds)


def choose_measure(runs: Sequence[Run]) -> Measure:
    """Return ``"test"`` where each finished run was tested, else ``"last"``."""
    finished = [run for run in runs if run.finished]
    return "test" if finished and all(run.test for run in finished) else "last"


class Pair(NamedTuple):
    """Two runs that differ in one factor alone, and how much more accuracy the left one has."""

    left: Run
    right: Run
    difference: float


def find_pairs(
    runs: Sequence[Run], factor: Factor, left: Any, right: Any, measure: Measure
) -> list[Pair]:
    """Return the pairs of runs on the same pictures that differ in nothing but a factor.

    Args:
        runs: Of one experiment; those not finished are left out.
        factor: What differs: the model or the batch size.
        left: The value whose accuracy counts positive.
        right: The value it is held against.
        measure: Which accuracy.
    """
    found: dict[tuple[Any, str], tuple[Run, float]] = {}
    for run in runs:
        accuracy = _get_accuracy(run, measure)
        if run.finished and accuracy is not None:
            rest = {**run.choices, "pictures": run.dataset["fingerprint"]}
            value = rest.pop(factor)
            found[value, str(sorted(rest.items()))] = run, accuracy
    return [
        Pair(run, found[right, rest][0], round(accuracy - found[right, rest][1], 10))
        for (value, rest), (run, accuracy) in found.items()
        if value == left and (right, rest) in found
    ]


def compute_effect(
    runs: Sequence[Run], factor: Factor, left: Any, right: Any, measure: Measure
) -> Effect | None:
    """Compare two values of a factor over ``find_pairs``, which says what the arguments are.

    Returns:
        None when no pair is there.
    """
    by_seed: dict[int, list[float]] = {}
    for pair in find_pairs(runs, factor, left, right, measure):
        by_seed.setdefault(pair.left.config.seed, []).append(pair.difference)
    if not by_seed:
        return None
    return Effect(tuple(round(mean(by_seed[seed]), 10) for seed in sorted(by_seed)))


def _get_accuracy(run: Run, measure: Measure) -> float | None:
    if measure == "test":
        return run.test["accuracy"] if run.test else None
    figures = run.last if measure == "last" else run.best
    return figures["val_accuracy"] if figures else None
