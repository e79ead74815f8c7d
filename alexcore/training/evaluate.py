"""How well a model does on the validation pictures: two figures, or one prediction a picture."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.predictions import ValidationPrediction
from alexcore.training.data import TrainingData, create_targets, iterate_centre


def create_accuracy(num_classes: int, device: torch.device) -> MulticlassAccuracy:
    """Return the share of correct predictions over all pictures, whatever their class."""
    return MulticlassAccuracy(num_classes=num_classes, average="micro").to(device)


def create_mean(device: torch.device) -> MeanMetric:
    """Return a mean that lets a loss which is not finite through."""
    return MeanMetric(nan_strategy="disable").to(device)


@torch.no_grad()
def evaluate(
    model: nn.Module,
    data: TrainingData,
    preprocessing: Preprocessing,
    device: torch.device,
    rank: int = 0,
    world: int = 1,
) -> tuple[float, float]:
    """Return mean cross-entropy in nats and accuracy in [0, 1] over the validation pictures.

    Each of ``world`` processes looks at its share; torchmetrics brings them together. The model
    is put in evaluation mode, and back as it was.
    """
    was_training = model.training
    model.eval()
    mean, accuracy = create_mean(device), create_accuracy(len(data.classes), device)
    targets = create_targets(data.validation, data.classes)
    for x, y in iterate_centre(data.validation, targets, preprocessing, device, rank, world):
        logits = model(x).float()
        mean.update(functional.cross_entropy(logits, y, reduction="none"))
        accuracy.update(logits, y)
    model.train(was_training)
    return float(mean.compute()), float(accuracy.compute())


@torch.no_grad()
def predict_validation(
    model: nn.Module, data: TrainingData, preprocessing: Preprocessing, device: torch.device
) -> list[ValidationPrediction]:
    """Return what the model says of each validation picture, in the order of their paths.

    The model is put in evaluation mode, and back as it was.
    """
    was_training = model.training
    model.eval()
    targets = create_targets(data.validation, data.classes)
    batches = iterate_centre(data.validation, targets, preprocessing, device)
    shares: Tensor = torch.cat([model(x).float().softmax(1).cpu() for x, _ in batches])
    model.train(was_training)
    return [
        ValidationPrediction(
            path=item.path,
            sha256=item.sha256,
            label=item.label,
            predicted=data.classes[int(row.argmax())],
            probability=float(row.max()),
            label_probability=float(row[target]),
        )
        for item, row, target in zip(data.validation.items, shares, targets, strict=True)
    ]
