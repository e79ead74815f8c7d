"""The net a run begins with: drawn from the seed, or taken from a run or ImageNet, partly held."""

from typing import Any

from torch import nn

from alexcore.errors import CheckpointError
from alexcore.models import create_model
from alexcore.runs.config import TrainConfig
from alexcore.seeding import seeded
from alexcore.training.start import find_start
from alexcore.weights.classifier_keys import is_from_v01


def create_net(config: TrainConfig, num_classes: int, **changes: Any) -> nn.Module:
    """Build the net with random weights of the run's seed, its leading layers held.

    Args:
        config: Of the run.
        num_classes: Outputs.
        **changes: As for ``create_model``.
    """
    with seeded(config.seed):
        model = create_model(
            config.model, num_classes, config.hidden, **{"dropout": config.dropout} | changes
        )
        layers = list_layers(model)
        if config.initial == "kaiming":
            for layer in layers:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        if config.conv1_std:
            nn.init.normal_(layers[0].weight, 0.0, config.conv1_std)
    for layer in layers[: config.freeze]:
        layer.requires_grad_(False)
    return model


def list_layers(model: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    """Return the layers that have weights, conv1 to fc8."""
    return [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]


def load_start(model: nn.Module, config: TrainConfig, num_classes: int) -> None:
    """Load the weights a run begins with; the last layer's only where the classes are as many.

    Raises:
        CheckpointError, TrainingError: As ``find_start``, or the weights cannot be read or are
            those of version 0.1's original.
    """
    source = find_start(config)
    if source is None:
        return
    theirs = source.load()[0].state_dict()
    if is_from_v01(theirs, config.model):
        raise CheckpointError(
            f"{config.init} was trained as version 0.1's {config.model}, whose last layers expect "
            "other inputs than today's. Begin with a run of this version, or leave out init."
        )
    if source.num_classes != num_classes:
        last = list_layers(model)[-1]
        fresh = {id(value) for value in last.parameters()}
        for key, value in model.named_parameters():
            if id(value) in fresh:
                theirs[key] = value.detach()
    model.load_state_dict(theirs)


def group_parameters(model: nn.Module, config: TrainConfig) -> list[dict[str, object]]:
    """Return what learns as groups of one weight decay each, in the order of the layers.

    Where all decay alike there is one group, as runs from before there were groups have it.
    """
    groups: dict[float, list[nn.Parameter]] = {}
    for layer in list_layers(model):
        for name, parameter in layer.named_parameters():
            own = config.linear_weight_decay if isinstance(layer, nn.Linear) else None
            if name == "bias" and config.bias_weight_decay is not None:
                own = config.bias_weight_decay
            if parameter.requires_grad:
                groups.setdefault(config.weight_decay if own is None else own, []).append(parameter)
    return [{"params": members, "weight_decay": decay} for decay, members in groups.items()]
