"""What a loop written out with torch alone begins with, to compare the trainer against."""

import torch
from torch import nn
from torch.optim import SGD

from alexcore.models import create_model


def create_plain(seed: int) -> tuple[nn.Module, SGD]:
    """Return the net of ``tiny_config`` without its dropout, and the recipe's optimiser."""
    torch.manual_seed(seed)
    model = create_model("half", num_classes=5, hidden=32)
    model.get_submodule("classifier.2").p = 0.0  # type: ignore[assignment]
    return model, SGD(model.parameters(), 0.01, momentum=0.9)
