"""SGD as a run's configuration asks for it: groups of parameters, and the rates of a step."""

from typing import Any

import torch
from torch import nn

from alexcore.runs.config import TrainConfig
from alexcore.runs.schedule import holds_conv1
from alexcore.training.first_weights import list_layers


def create_optimizer(
    model: nn.Module, config: TrainConfig, device: torch.device
) -> torch.optim.SGD:
    """Return the optimizer of what learns in a net that will be on ``device``."""
    return torch.optim.SGD(
        group_parameters(model, config),
        config.lr,
        momentum=config.momentum,
        fused=device.type in ("cpu", "cuda"),  # one pass over the weights instead of three
    )


def group_parameters(model: nn.Module, config: TrainConfig) -> list[dict[str, Any]]:
    """Return what learns as groups of one weight decay and rate each, in the order of the layers.

    Where all learn alike there is one group, as runs from before there were groups have it.

    Returns:
        ``params``, ``weight_decay``, ``lr_scale``, what the rate is multiplied by, and ``conv1``,
        whether the group is held with conv1.
    """
    groups: dict[tuple[float, float, bool], list[nn.Parameter]] = {}
    for place, layer in enumerate(list_layers(model)):
        for name, parameter in layer.named_parameters():
            decay = config.linear_weight_decay if isinstance(layer, nn.Linear) else None
            if name == "bias" and config.bias_weight_decay is not None:
                decay = config.bias_weight_decay
            if parameter.requires_grad:
                decay = config.weight_decay if decay is None else decay
                scale = config.bias_lr if name == "bias" else 1.0
                held = config.freeze_conv1 > 0 and place == 0
                groups.setdefault((decay, scale, held), []).append(parameter)
    return [
        {"params": members, "weight_decay": decay, "lr_scale": scale, "conv1": held}
        for (decay, scale, held), members in groups.items()
    ]


@torch.no_grad()
def set_rates(optimizer: torch.optim.Optimizer, config: TrainConfig, epoch: int, lr: float) -> None:
    """Give every group its rate of the next step.

    torch keeps a mean of gradients b and steps by -lr b; the authors of 2012 kept the step itself,
    v = -lr b (the paper's section 5), so that a fall of the rate leaves it. Multiplying b by the
    rate before over the rate after is the same, and ``velocity`` asks for it.

    Args:
        optimizer: Of ``group_parameters``; of a checkpoint from before there were rates by group,
            with one for all.
        config: Of the run.
        epoch: Counted from 1.
        lr: Learning rate of the weights.
    """
    for group in optimizer.param_groups:
        held = group.get("conv1", False) and holds_conv1(config, epoch)
        rate = 0.0 if held else lr * group.get("lr_scale", 1.0)
        if config.velocity and rate not in (0.0, group["lr"]):
            for parameter in group["params"]:
                buffer = optimizer.state.get(parameter, {}).get("momentum_buffer")
                if buffer is not None:  # there is none before the first step
                    buffer.mul_(group["lr"] / rate)
        group["lr"] = rate
