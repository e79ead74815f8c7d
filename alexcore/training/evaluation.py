"""How well a model does on the validation pictures."""

import torch
from torch import nn
from torch.nn import functional

from alexcore.training.data import TrainingData, create_targets, iterate_centre
from alexcore.transforms import Preset


@torch.no_grad()
def evaluate(
    model: nn.Module, data: TrainingData, preset: Preset, device: torch.device
) -> tuple[float, float]:
    """Return mean cross-entropy in nats and accuracy in [0, 1] over the validation pictures.

    The model is put in evaluation mode, and back as it was.
    """
    was_training = model.training
    model.eval()
    batches = iterate_centre(data.validation, preset, device)
    logits = torch.cat([model(x).float().cpu() for x in batches])
    model.train(was_training)
    answers = create_targets(data.validation, data.classes)
    loss = functional.cross_entropy(logits, answers)
    return float(loss), float((logits.argmax(1) == answers).float().mean())
