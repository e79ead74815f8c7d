"""Two runs on the same pictures: those only one of them gets right, and McNemar's test of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alexcore.errors import CheckpointError
from alexcore.runs.predictions import ValidationPrediction, load_predictions
from alexcore.runs.run import Run

_OTHERS = "the two runs were judged by different pictures; choose two runs of one data set."


@dataclass(frozen=True, slots=True)
class Disagreement:
    """How two runs differ on the pictures both were judged by.

    Attributes:
        pictures: How many both were judged by.
        only_left: What the right run predicts, wrongly, for the pictures that only the left one
            gets right; the most confident first.
        only_right: The same with left and right exchanged.
        tested: Whether these are test pictures, not validation's.
    """

    pictures: int
    only_left: tuple[ValidationPrediction, ...]
    only_right: tuple[ValidationPrediction, ...]
    tested: bool = False

    @property
    def p_value(self) -> float:
        """Of McNemar's test in its exact form: were both as good, each side would win a coin toss.

        McNemar 1947, https://doi.org/10.1007/BF02295996; exact as in Dietterich 1998,
        https://doi.org/10.1162/089976698300017197, which says what it can and cannot say of nets.
        """
        from scipy.stats import binomtest

        left, right = len(self.only_left), len(self.only_right)
        return float(binomtest(left, left + right).pvalue) if left + right else 1.0


def load_disagreement(left: Run, right: Run) -> Disagreement:
    """Compare two runs on their test pictures where both have some, else on validation's.

    Raises:
        CheckpointError: A file is missing or damaged, or the runs share no picture.
    """
    if left.dataset["fingerprint"] != right.dataset["fingerprint"]:
        raise CheckpointError(_OTHERS)  # drawn sets name their pictures alike
    tested = left.test_file.is_file() and right.test_file.is_file()
    files = [run.test_file if tested else run.predictions_file for run in (left, right)]
    return replace(find_disagreement(*map(load_predictions, files)), tested=tested)


def find_disagreement(
    left: Sequence[ValidationPrediction], right: Sequence[ValidationPrediction]
) -> Disagreement:
    """Compare what two runs predict for the pictures both have.

    Raises:
        CheckpointError: They share no picture, or call one by different labels.
    """
    others = {prediction.path: prediction for prediction in right}
    pairs = [(a, others[a.path]) for a in left if a.path in others]
    if not pairs:
        raise CheckpointError(_OTHERS)
    if named := next((a.path for a, b in pairs if a.label != b.label), None):
        raise CheckpointError(
            f"the two runs have different labels for {named}; choose two runs of one data set."
        )
    only_left = [b for a, b in pairs if a.correct and not b.correct]
    only_right = [a for a, b in pairs if b.correct and not a.correct]
    return Disagreement(len(pairs), _sort(only_left), _sort(only_right))


def _sort(mistakes: list[ValidationPrediction]) -> tuple[ValidationPrediction, ...]:
    return tuple(sorted(mistakes, key=lambda prediction: -prediction.probability))
