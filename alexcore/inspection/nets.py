"""Nets that can be traced: every source of models, and torchvision's classification networks.

name -> ``find_net`` -> Net -> ``trace_net`` -> Trace. Page and commands trace here.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import torch
import torchvision

from alexcore.errors import CheckpointError
from alexcore.inspection.trace import Trace, trace_model, trace_variant
from alexcore.models import list_models
from alexcore.sources import UNTRAINED, ModelSource, create_untrained_source, find_source

Net = ModelSource | str
"""A source, or the name of one of torchvision's networks."""


@cache
def list_torchvision_nets() -> tuple[str, ...]:
    """Return the names of torchvision's classification networks."""
    return tuple(torchvision.models.list_models(module=torchvision.models))


def find_net(
    name: str, roots: Sequence[Path], num_classes: int | None = None, hidden: int | None = None
) -> Net:
    """Return the net that a command names.

    Args:
        name: A variant, what ``find_source`` takes, or one of torchvision's networks.
        roots: Where runs are looked for.
        num_classes: Outputs of a variant; its own default when None. Other nets keep theirs.
        hidden: Width of fc6 and fc7, likewise.

    Raises:
        CheckpointError: There is nothing of that name, or it cannot be read.
    """
    for spec in list_models():
        if name in (spec.name, UNTRAINED + spec.name):
            return create_untrained_source(spec, num_classes, hidden)
    try:
        return find_source(name, *roots)
    except CheckpointError as error:
        if name in list_torchvision_nets():
            return name
        raise CheckpointError(f"{error} Or a network of torchvision's, as resnet18.") from error


def trace_net(net: Net, input_size: int | None = None, batch: int = 1) -> Trace:
    """Trace a net at its own input size unless told otherwise; no weight is read.

    Raises:
        ModelError: The size does not fit, or torch.fx cannot follow the net.
    """
    if isinstance(net, ModelSource):
        size = input_size or net.preprocessing.crop
        trace = trace_variant(net.spec.name, size, batch, net.num_classes, net.hidden)
        return replace(trace, name=net.name)
    with torch.device("meta"):
        model = torchvision.models.get_model(net)
    size = input_size or (299 if net == "inception_v3" else 224)
    return trace_model(model, net, (batch, 3, size, size))
