from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix

from alexcore.errors import CheckpointError
from alexcore.images.preprocessing import to_tensor
from alexcore.runs.predictions import (
    ValidationPrediction,
    compute_confusion_matrix,
    describe_sureness,
    load_predictions,
    save_predictions,
)
from alexcore.runs.run import Run
from alexcore.training.data import TrainingData
from alexcore.weights.safetensors import load_model


def _predict(label: str, predicted: str) -> ValidationPrediction:
    return ValidationPrediction("a/b.png", "0" * 64, label, predicted, 0.75, 0.25)


def test_a_run_leaves_a_prediction_for_each_validation_picture(
    tiny_run: Run, tiny_data: TrainingData, creatures: Path
) -> None:
    """The first one is computed again from the file."""
    from alexcore.images.decode import load_image

    predictions = load_predictions(tiny_run.predictions_file)
    assert [a.path for a in predictions] == [item.path for item in tiny_data.validation.items]
    x = to_tensor(load_image(creatures / predictions[0].path), tiny_run.preprocessing)
    with torch.inference_mode():
        shares = load_model(tiny_run)(x).softmax(1)[0]
    assert predictions[0].probability == pytest.approx(float(shares.max()), abs=1e-3)
    assert predictions[0].predicted == tiny_run.classes[int(shares.argmax())]
    share = sum(a.correct for a in predictions) / len(predictions)
    assert tiny_run.last is not None and share == tiny_run.last["val_accuracy"]


def test_confusions_equal_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    classes = ["a", "b", "c"]
    pairs = rng.choice(classes, (50, 2))
    predictions = [_predict(*pair) for pair in pairs.tolist()]
    expected = confusion_matrix(pairs[:, 0], pairs[:, 1], labels=classes)
    np.testing.assert_array_equal(compute_confusion_matrix(predictions, classes), expected)


def test_confusions_reject_an_unknown_class() -> None:
    with pytest.raises(CheckpointError, match="a class the run does not know"):
        compute_confusion_matrix([_predict("a", "z")], ["a", "b"])


def test_predictions_come_back_and_damage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "validation.csv"
    save_predictions(path, [_predict("a", "b"), _predict("a", "a")])
    assert load_predictions(path) == [_predict("a", "b"), _predict("a", "a")]
    path.write_text("path,label\nx,y\n")
    with pytest.raises(CheckpointError, match="damaged"):
        load_predictions(path)
    with pytest.raises(CheckpointError, match="before predictions were kept"):
        load_predictions(tmp_path / "other.csv")


def _create_predictions(*probabilities: float) -> list[ValidationPrediction]:
    return [ValidationPrediction("a/b.png", "0" * 64, "a", "a", p, p) for p in probabilities]


TENTHS = _create_predictions(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1)


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.05, "less sure than on any of its 10 validation pictures"),
        (0.1, "less sure than on 90% of its validation pictures"),  # nine are surer, one is equal
        (0.25, "less sure than on 80% of its validation pictures"),
        (0.3, "about as sure as on most of its validation pictures"),  # seven are surer
        (0.75, "about as sure as on most of its validation pictures"),  # seven are less sure
        (0.85, "surer than on 80% of its validation pictures"),
        (1.0, "surer than on 90% of its validation pictures"),
    ],
)
def test_sureness_by_hand(probability: float, said: str) -> None:
    assert describe_sureness(probability, TENTHS) == said


def test_sureness_beyond_all_of_them() -> None:
    predictions = _create_predictions(0.2, 0.5)
    assert describe_sureness(0.6, predictions) == "surer than on any of its 2 validation pictures"


def test_sureness_of_equals_is_usual() -> None:
    """Nine of ten pictures get 1; another that does is no surer, one that does not is unusual."""
    predictions = _create_predictions(*[1.0] * 9, 0.5)
    usual = "about as sure as on most of its validation pictures"
    assert describe_sureness(1.0, predictions) == usual
    assert describe_sureness(0.99999, predictions) == usual  # the file says 1 of such a picture
    assert (
        describe_sureness(0.9999, predictions) == "less sure than on 90% of its validation pictures"
    )
    assert describe_sureness(0.5, predictions) == "less sure than on 90% of its validation pictures"
    assert describe_sureness(0.7, _create_predictions(*[0.7] * 3)) == usual


def test_sureness_never_rounds_up_to_all() -> None:
    predictions = _create_predictions(*[0.9] * 999, 0.1)
    assert describe_sureness(0.1, predictions) == "less sure than on 99% of its validation pictures"
