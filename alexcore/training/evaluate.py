"""How well a model does on pictures kept from training: two figures, or what it says of each."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from alexcore.datasets.pixel_cache import Pixels
from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.predictions import ValidationPrediction
from alexcore.training.batches import Share, iterate_centre
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


@torch.no_grad()
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
    was_training = model.training
    model.eval()
    targets = create_targets(pixels, classes)
    batches = iterate_centre(pixels, targets, preprocessing, Share(device))
    shares: Tensor = torch.cat([model(x).float().softmax(1).cpu() for x, _ in batches])
    model.train(was_training)
    return [
        ValidationPrediction(
            path=item.path,
            sha256=item.sha256,
            label=item.label,
            predicted=classes[int(row.argmax())],
            probability=float(row.max()),
            label_probability=float(row[target]),
        )
        for item, row, target in zip(pixels.items, shares, targets, strict=True)
    ]
