import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from alexcore.runs.calibration import compute_calibration, describe_calibration
from alexcore.runs.predictions import ValidationPrediction


def predict(probability: float, correct: bool) -> ValidationPrediction:
    predicted = "cat" if correct else "dog"
    return ValidationPrediction("a", "", "cat", predicted, probability, 0.1)


TEN = [
    predict(0.45, True), predict(0.50, False),  # (0.4, 0.5]: sure 0.475, right 1 of 2
    predict(0.62, True), predict(0.64, True), predict(0.69, False),  # sure 0.65, right 2 of 3
    predict(0.91, True), predict(0.95, False), predict(0.97, True), predict(0.97, True),
    predict(1.00, False),  # sure 0.96, right 3 of 5
]  # fmt: skip


def test_the_calibration_error_is_that_by_hand() -> None:
    found = compute_calibration(TEN)
    assert [(b.pictures, b.correct) for b in found.bins] == [(2, 1), (3, 2), (5, 3)]
    assert [b.confidence for b in found.bins] == pytest.approx([0.475, 0.65, 0.96])
    by_hand = 0.2 * (0.5 - 0.475) + 0.3 * (2 / 3 - 0.65) + 0.5 * (0.96 - 0.6)
    assert found.error == pytest.approx(by_hand)
    assert found.bins[1].interval == pytest.approx((0.2077, 0.9385), abs=1e-4)  # Wilson's of 2 of 3
    assert describe_calibration("mine", found) == (
        "**mine: expected calibration error 19.0 points.** Its mean probability is 77.0%, and "
        "60.0% of 10 validation pictures are right: more confident than accurate."
    )


def test_the_calibration_error_equals_torchmetrics() -> None:
    rng = np.random.default_rng(0)
    shares, right = rng.uniform(0.2, 0.999, 500), rng.random(500) < 0.6
    found = compute_calibration([predict(p, bool(c)) for p, c in zip(shares, right, strict=True)])
    theirs = binary_calibration_error(
        torch.tensor(shares), torch.tensor(right).int(), n_bins=10, norm="l1"
    )
    assert found.error == pytest.approx(float(theirs), abs=1e-6)
    assert found.pictures == 500 and found.accuracy == right.mean()
