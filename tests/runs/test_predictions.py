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
    x = to_tensor(load_image(creatures / predictions[0].path), tiny_run.preset)
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
