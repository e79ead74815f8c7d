"""How well a model does on pictures it did not train on: figures, or one prediction a picture."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from alexcore.datasets.pixel_cache import Pixels
from alexcore.errors import TrainingError
from alexcore.images.preprocessing import Crops, Preprocessing
from alexcore.inference.ten_crops import average_crops
from alexcore.runs.predictions import ValidationPrediction
from alexcore.runs.run import Run
from alexcore.training.batches import Share, iterate_centre, iterate_squares
from alexcore.training.data import create_targets


def create_accuracy(num_classes: int, device: torch.device) -> MulticlassAccuracy:
    """Return the share of correct predictions over all pictures, whatever their class."""
    return MulticlassAccuracy(num_classes=num_classes, average="micro").to(device)


def create_mean(device: torch.device) -> MeanMetric:
    """Return a mean that lets a loss which is not finite through."""
    return MeanMetric(nan_strategy="disable").to(device)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    pixels: Pixels,
    classes: tuple[str, ...],
    preprocessing: Preprocessing,
    share: Share,
) -> tuple[float, float]:
    """Return mean cross-entropy in nats and accuracy in [0, 1] over the centres of pictures.

    Each process looks at its share; torchmetrics brings them together. The model is put in
    evaluation mode, and back as it was.
    """
    was_training = model.training
    model.eval()
    mean, accuracy = create_mean(share.device), create_accuracy(len(classes), share.device)
    for x, y in iterate_centre(pixels, create_targets(pixels, classes), preprocessing, share):
        logits = model(x).float()
        mean.update(functional.cross_entropy(logits, y, reduction="none"))
        accuracy.update(logits, y)
    model.train(was_training)
    return float(mean.compute()), float(accuracy.compute())


def predict(
    model: nn.Module,
    pixels: Pixels,
    classes: tuple[str, ...],
    preprocessing: Preprocessing,
    device: torch.device,
) -> list[ValidationPrediction]:
    """Return what the model says of each picture, in the order of ``pixels``.

    The model is put in evaluation mode, and back as it was.
    """
    logs = _compute_log_shares(model, pixels, preprocessing, device)
    return _list_predictions(pixels, classes, logs.exp())


def evaluate_test(
    run: Run, model: nn.Module, test: Pixels, device: torch.device, crops: Crops = 1
) -> tuple[dict[str, float], list[ValidationPrediction]]:
    """Return accuracy, loss and number of the test pictures, and what is said of each.

    The model is put in evaluation mode, and back as it was.

    Args:
        run: Whose classes and preprocessing count.
        model: The run's.
        test: The test side.
        device: Where the model is.
        crops: Over how many of each picture its answer is averaged.

    Raises:
        TrainingError: The test side has a class that the run does not know.
    """
    if strange := {item.label for item in test.items} - {*run.classes}:
        raise TrainingError(
            f"{run.name} does not know {', '.join(sorted(strange))} of the test side; its classes "
            f"are {', '.join(run.classes)}."
        )
    logs = _compute_log_shares(model, test, run.preprocessing, device, crops)
    predictions = _list_predictions(test, run.classes, logs.exp())
    loss = functional.nll_loss(logs, create_targets(test, run.classes))
    correct = sum(each.correct for each in predictions)
    figures = {
        "accuracy": round(correct / len(predictions), 4),
        "loss": round(float(loss), 4),
        "pictures": len(predictions),
    }
    return figures, predictions


@torch.no_grad()
def _compute_log_shares(
    model: nn.Module,
    pixels: Pixels,
    preprocessing: Preprocessing,
    device: torch.device,
    crops: Crops = 1,
) -> Tensor:
    """Return each class's log-probability for each picture, float64 (N, classes) on the CPU."""
    was_training = model.training
    model.eval()
    squares = iterate_squares(pixels, preprocessing, device)
    logs = torch.cat([average_crops(model, batch, preprocessing, crops) for batch in squares])
    model.train(was_training)
    return logs


def _list_predictions(
    pixels: Pixels, classes: tuple[str, ...], shares: Tensor
) -> list[ValidationPrediction]:
    return [
        ValidationPrediction(
            path=item.path,
            sha256=item.sha256,
            label=item.label,
            predicted=classes[int(row.argmax())],
            probability=float(row.max()),
            label_probability=float(row[classes.index(item.label)]),
        )
        for item, row in zip(pixels.items, shares, strict=True)
    ]
