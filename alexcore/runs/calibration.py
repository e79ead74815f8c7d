"""Whether a run is right as often as it says: its reliability curve and calibration error.

predictions -> ``compute_calibration`` -> Calibration, read without torch. Guo et al. 2017, "On
calibration of modern neural networks", https://arxiv.org/abs/1706.04599.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alexcore.runs.predictions import ValidationPrediction

BINS = 10
_ALIKE = 0.005


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about the same probability.

    Attributes:
        low: They are above it.
        high: And at most this.
        pictures: How many, at least one.
        correct: How many of them are right.
        confidence: Their mean probability, in [0, 1].
    """

    low: float
    high: float
    pictures: int
    correct: int
    confidence: float

    @property
    def accuracy(self) -> float:
        """Share that is right."""
        return self.correct / self.pictures

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval of the accuracy."""
        from scipy.stats import binomtest

        found = binomtest(self.correct, self.pictures).proportion_ci(method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a run's probabilities compare with how often it is right.

    Attributes:
        bins: Those that hold predictions, rising.
    """

    bins: tuple[Bin, ...]

    @property
    def pictures(self) -> int:
        """How many predictions there are."""
        return sum(each.pictures for each in self.bins)

    @property
    def accuracy(self) -> float:
        """Share of all that is right."""
        return sum(each.correct for each in self.bins) / self.pictures

    @property
    def confidence(self) -> float:
        """Mean probability of all."""
        return sum(each.confidence * each.pictures for each in self.bins) / self.pictures

    @property
    def error(self) -> float:
        """Expected calibration error: mean of |accuracy - confidence| over bins, by pictures."""
        gaps = (abs(each.correct - each.confidence * each.pictures) for each in self.bins)
        return sum(gaps) / self.pictures


def compute_calibration(
    predictions: Sequence[ValidationPrediction], bins: int = BINS
) -> Calibration:
    """Sort predictions by the probability of the predicted class into bins of equal width.

    Args:
        predictions: At least one.
        bins: Over (0, 1]; each holds its upper end.
    """
    shares = np.array([each.probability for each in predictions])
    correct = np.array([each.correct for each in predictions])
    edges = np.linspace(0, 1, bins + 1)
    place = np.digitize(shares, edges[1:-1], right=True)
    return Calibration(
        tuple(
            Bin(
                float(edges[number]), float(edges[number + 1]), int(here.sum()),
                int(correct[here].sum()), float(shares[here].mean()),
            )
            for number in range(bins)
            if (here := place == number).any()
        )
    )  # fmt: skip


def describe_calibration(name: str, found: Calibration, tested: bool = False) -> str:
    """Say how well a run's probabilities fit how often it is right.

    Args:
        name: Of the run.
        found: Its calibration.
        tested: Whether the pictures are the test side's, not validation's.
    """
    gap = found.confidence - found.accuracy
    verdict = "more confident than accurate" if gap > 0 else "less confident than accurate"
    if abs(gap) < _ALIKE:
        verdict = "on average as sure as it is right"
    return (
        f"**{name}: expected calibration error {100 * found.error:.1f} points.** Its mean "
        f"probability is {found.confidence:.1%}, and {found.accuracy:.1%} of {found.pictures:,} "
        f"{'test' if tested else 'validation'} pictures are right: {verdict}."
    )
