"""What a finished run says of each validation picture: ``validation.csv``, read without torch."""

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alexcore.errors import CheckpointError
from alexcore.files import replacing


@dataclass(frozen=True, slots=True)
class ValidationPrediction:
    """One validation picture and what the model predicts for it.

    Attributes:
        path: Below the data set's folder, with forward slashes.
        sha256: Of the file.
        label: The true class.
        predicted: The likeliest class.
        probability: Of ``predicted``, in [0, 1].
        label_probability: Of ``label``, in [0, 1].
    """

    path: str
    sha256: str
    label: str
    predicted: str
    probability: float
    label_probability: float

    @property
    def correct(self) -> bool:
        """Whether the likeliest class is the true one."""
        return self.predicted == self.label


_UNUSUAL = 0.75
_COLUMNS = tuple(field.name for field in fields(ValidationPrediction))


def save_predictions(path: Path, predictions: Sequence[ValidationPrediction]) -> None:
    """Write all predictions, replacing the file in one step."""
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for prediction in predictions:
            *names, probability, label_probability = astuple(prediction)
            writer.writerow([*names, _format(probability), _format(label_probability)])


def load_predictions(path: Path) -> list[ValidationPrediction]:
    """Read what ``save_predictions`` wrote.

    Raises:
        CheckpointError: The file is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            predictions = [
                ValidationPrediction(
                    path=row["path"],
                    sha256=row.get("sha256", ""),
                    label=row["label"],
                    predicted=row["predicted"],
                    probability=float(row["probability"]),
                    label_probability=float(row["label_probability"]),
                )
                for row in csv.DictReader(file)
            ]
        if not predictions:
            raise ValueError("it holds no predictions")
        return predictions
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{path.parent.name} has no {path.name}: it was trained before predictions were kept, "
            "or is not finished."
        ) from error
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise CheckpointError(f"{path} is damaged ({error!r}).") from error


def compute_confusion_matrix(
    predictions: Sequence[ValidationPrediction], classes: Sequence[str]
) -> npt.NDArray[np.int64]:
    """Return counts (classes, classes): rows are the true class, columns the predicted one.

    Raises:
        CheckpointError: A prediction names a class the run does not have.
    """
    index = {label: i for i, label in enumerate(classes)}
    counts = np.zeros((len(classes), len(classes)), np.int64)
    for prediction in predictions:
        if prediction.label not in index or prediction.predicted not in index:
            raise CheckpointError(f"{prediction.path} has a class the run does not know.")
        counts[index[prediction.label], index[prediction.predicted]] += 1
    return counts


def describe_sureness(probability: float, predictions: Sequence[ValidationPrediction]) -> str:
    """Say how usual a net's largest probability is among those of its validation pictures.

    What is usual is the middle half and whatever equals it: a net that gives most of its pictures
    1 is as sure as usual with another 1. ``validation.csv`` keeps four digits, so four are
    compared.

    Args:
        probability: Of the predicted class of some picture, in [0, 1].
        predictions: At least one, of the same net.

    Returns:
        What follows "the net is": "less sure than on 97% of its validation pictures".
    """
    kept, *others = (
        float(_format(p)) for p in (probability, *(a.probability for a in predictions))
    )
    surer, less = sum(p > kept for p in others), sum(p < kept for p in others)
    for count, word in ((surer, "less sure"), (less, "surer")):
        if count == len(others):
            return f"{word} than on any of its {count:,} validation pictures"
        if count > _UNUSUAL * len(others):
            return f"{word} than on {100 * count // len(others)}% of its validation pictures"
    return "about as sure as on most of its validation pictures"


def _format(probability: float) -> str:
    return f"{probability:.4g}"
