"""The net of the 2012 paper as its authors' program has it, and the nets they held beside it.

https://papers.nips.cc/paper/4824; the program is
https://github.com/computerhistory/AlexNet-Source-Code, whose layers-145.cfg is the published net.
It takes 224 pixels and rounds up: conv1's last window hangs 3 pixels over the right and lower edge.
``AlexNetConfig.as_printed`` has what the paper prints instead where the two differ.
"""

from dataclasses import replace
from typing import Any

from torch import nn

from alexcore.models.alexnet import AlexNet, AlexNetConfig, ConvSpec


def _convs(widths: tuple[int, int, int, int, int], towers: int) -> tuple[ConvSpec, ...]:
    return (
        ConvSpec(widths[0], 11, stride=4, then=("norm", "pool", "relu")),
        ConvSpec(widths[1], 5, 1, 2, towers, then=("relu", "norm", "spatial", "pool")),
        ConvSpec(widths[2], 3, padding=1),
        ConvSpec(widths[3], 3, padding=1, groups=towers),
        ConvSpec(widths[4], 3, padding=1, groups=towers, then=("pool", "relu")),
    )


ORIGINAL = AlexNetConfig(
    convs=_convs((96, 256, 384, 384, 256), towers=2),
    hidden=4096,
    num_classes=1000,
    input_size=224,
    dropout_before=("fc7", "fc8"),
    round_up=True,
    authors=True,
    towers=2,
)
ONE_GPU = replace(ORIGINAL, convs=_convs((48, 128, 192, 192, 256), towers=1), towers=1)
"""layers-145-half.cfg: conv5 and the hidden layers are whole."""

_C1, _C2, _C3, _C4, _C5 = ORIGINAL.convs
NO_NORMS = replace(
    ORIGINAL,
    convs=(replace(_C1, then=("pool", "relu")), replace(_C2, then=("relu", "pool")), _C3, _C4, _C5),
)
"""layers-148.cfg: the spatial norm is out too."""
POOLS_2X2 = replace(
    ORIGINAL,
    convs=(
        replace(_C1, pool=2),
        replace(_C2, pool=2, padding=1),
        _C3,
        _C4,
        replace(_C5, pool=2, padding=0),
    ),
)
"""layers-147.cfg."""
NO_EXCHANGE = replace(
    ORIGINAL,
    convs=(_C1, replace(_C2, channels=320), replace(_C3, groups=2), _C4, _C5),
    meet_last=True,
)
"""layers-150.cfg: the towers meet in fc8 alone."""

V01_ORIGINAL: dict[str, Any] = {
    "convs": (
        replace(_C1, padding=2, then=("relu", "norm", "pool")),
        replace(_C2, then=("relu", "norm", "pool")),
        _C3,
        _C4,
        replace(_C5, then=("relu", "pool")),
    ),
    "dropout_before": ("fc6", "fc7"),
    "round_up": False,
    "authors": False,
    "towers": 1,
}
"""How ``original`` differed up to version 0.1: padding by 2, and torch's own norm and dropout."""


def initialise_as_authors(model: AlexNet) -> None:
    """Draw weights from N(0, 0.01²), conv3 to conv5 from N(0, 0.03²), in place.

    Biases are 1 in conv2, conv4, conv5 and the hidden layers, which feeds the ReLUs positive inputs
    early on (section 5 of the paper), and 0 elsewhere. ``as_printed`` has 0.01 everywhere. Numbers
    come from torch's current generator.
    """
    convs = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    linears = [m for m in model.modules() if isinstance(m, nn.Linear)]
    ones = {convs[1], convs[3], convs[4], *linears[:-1]}
    wide = set() if model.config.as_printed else set(convs[2:])
    for layer in (*convs, *linears):
        for name, tensor in layer.named_parameters():
            if name == "weight":
                nn.init.normal_(tensor, std=0.03 if layer in wide else 0.01)
            else:
                nn.init.constant_(tensor, 1.0 if layer in ones else 0.0)
