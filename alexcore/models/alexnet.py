"""One declarative description of the AlexNet family, and the two modules built from it.

Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural
Networks", 2012; the one-tower form is "One weird trick for parallelizing convolutional
neural networks", 2014, https://arxiv.org/abs/1404.5997, as torchvision builds it.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn

from alexcore.errors import ModelError
from alexcore.models.layers_2012 import MaskDropout, SpatialNorm, TowerLinear, TowerNorm

HiddenLayer = Literal["fc6", "fc7", "fc8"]
Step = Literal["relu", "norm", "spatial", "pool"]


@dataclass(frozen=True, slots=True)
class ConvSpec:
    """A convolution and what follows it.

    Attributes:
        channels: Output channels.
        kernel: Side of the square kernel.
        stride: Step of the kernel.
        padding: Zeros added on each side.
        groups: Towers that do not see each other's channels.
        then: What follows, in order: ReLU, local response normalisation (section 3.3 of the paper),
            the spatial normalisation of the 2012 program, a maximum pool at stride 2.
        pool: Side of the pool's window.
        pool_padding: Padding of the pool.
    """

    channels: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    then: tuple[Step, ...] = ("relu",)
    pool: int = 3
    pool_padding: int = 0


@dataclass(frozen=True, slots=True)
class AlexNetConfig:
    """A whole net: its convolutions, then two hidden layers and the classifier.

    Attributes:
        convs: The convolutions in order.
        hidden: Width of the two hidden layers.
        num_classes: Outputs.
        input_size: Side of the input that gives ``grid`` after the last pool.
        grid: Side of the map the classifier is connected to.
        adaptive_pool: Whether any map is averaged to ``grid`` x ``grid`` first.
        dropout: Probability of dropping a unit in each dropout layer.
        dropout_before: The linear layers whose input is dropped from; torchvision's by default.
        round_up: Whether a last window may hang over the right and lower edge. A convolution reads
            zeros there, a pool what exists; otherwise such a window is left out.
        authors: Whether norms, dropout and first weights are those of the 2012 program.
        towers: Parts of the channels that its norms keep apart.
        meet_last: Whether two towers meet in fc8 alone; fc6 is then twice as wide.
        as_printed: Whether an ``authors`` net is as the paper prints it where the program differs:
            LRN behind the ReLU, over all channels and with 1e-4 times the sum, no spatial norm,
            first weights of standard deviation 0.01 in every layer. Sizes, zeros at the edge,
            dropout and biases stay the program's: the paper says the same of them, or nothing.
    """

    convs: tuple[ConvSpec, ...]
    hidden: int = 2048
    num_classes: int = 5
    input_size: int = 227
    grid: int = 6
    adaptive_pool: bool = False
    dropout: float = 0.5
    dropout_before: tuple[HiddenLayer, ...] = ("fc6", "fc7")
    round_up: bool = False
    authors: bool = False
    towers: int = 1
    meet_last: bool = False
    as_printed: bool = False

    def __post_init__(self) -> None:
        """Refuse widths that no layer can have, and a net that the paper does not print."""
        if self.as_printed and not self.authors:
            raise ModelError("only the nets of the 2012 program can be as_printed; leave it out.")
        if self.hidden < 1 or self.num_classes < 1:
            raise ModelError(
                f"got hidden={self.hidden} and num_classes={self.num_classes}; "
                "both must be at least 1."
            )

    @property
    def built_convs(self) -> tuple[ConvSpec, ...]:
        """The convolutions as they are built, with what follows each in the paper's order."""
        if not self.as_printed:
            return self.convs
        order: tuple[Step, ...] = ("relu", "norm", "pool")
        return tuple(
            replace(conv, then=tuple(step for step in order if step in conv.then))
            for conv in self.convs
        )


def _article(widths: tuple[int, int, int, int, int], first_padding: int) -> tuple[ConvSpec, ...]:
    return (
        ConvSpec(widths[0], 11, stride=4, padding=first_padding, then=("relu", "pool")),
        ConvSpec(widths[1], 5, padding=2, then=("relu", "pool")),
        ConvSpec(widths[2], 3, padding=1),
        ConvSpec(widths[3], 3, padding=1),
        ConvSpec(widths[4], 3, padding=1, then=("relu", "pool")),
    )


FULL = AlexNetConfig(_article((96, 256, 384, 384, 256), 0), dropout_before=("fc7",))
HALF = AlexNetConfig(_article((48, 128, 192, 192, 128), 0), dropout_before=("fc7",))
TORCHVISION = AlexNetConfig(
    _article((64, 192, 384, 256, 256), 2),
    hidden=4096,
    num_classes=1000,
    input_size=224,
    adaptive_pool=True,
)


def flatten(maps: Tensor, grid: int) -> Tensor:
    """Flatten (N, C, grid, grid) to (N, C * grid * grid), or say why it cannot be.

    Raises:
        ModelError: The maps are of another size, so the classifier's weights do not fit.
    """
    channels, height, width = maps.shape[-3:]
    if (height, width) != (grid, grid):
        raise ModelError(
            f"the last pool gives ({channels}, {height}, {width}), that is {channels} x {height} x "
            f"{width} = {channels * height * width:,} values, but fc6 is connected to {channels} x "
            f"{grid} x {grid} = {channels * grid * grid:,}. Use the input size this net is made "
            "for, or one from the sizes that end in the same grid."
        )
    return torch.flatten(maps, 1)


torch.fx.wrap("flatten")


def _convolution_layers(
    config: AlexNetConfig, convs: tuple[ConvSpec, ...], in_channels: int = 3
) -> nn.Sequential:
    """Return convolutions with what follows each, in the order of computation.

    Numbered as if ReLU, LRN and pool followed in this order, so that keys do not depend on it; what
    has no weights and no place in that order is called pad1, spatial2.
    """
    layers: dict[str, nn.Module] = {}
    number = 0
    for at, conv in enumerate(convs, start=1):
        if config.round_up and conv.stride > 1:
            zeros = conv.stride - 1  # at most: a convolution leaves out what fills no window
            layers[f"pad{at}"] = nn.ZeroPad2d((0, zeros, 0, zeros))
        layers[str(number)] = nn.Conv2d(
            in_channels, conv.channels, conv.kernel, conv.stride, conv.padding, groups=conv.groups
        )
        places = [step for step in ("relu", "norm", "pool") if step in conv.then]
        for step in conv.then:
            name = str(number + 1 + places.index(step)) if step in places else f"spatial{at}"
            layers[name] = _create_step(step, conv, config)
        number += 1 + len(places)
        in_channels = conv.channels
    return nn.Sequential(OrderedDict(layers))


def _create_step(step: Step, conv: ConvSpec, config: AlexNetConfig) -> nn.Module:
    if step == "relu":
        return nn.ReLU()
    if step == "spatial":
        return SpatialNorm()
    if step == "pool":
        return nn.MaxPool2d(conv.pool, 2, conv.pool_padding, ceil_mode=config.round_up)
    if config.authors and not config.as_printed:
        return TowerNorm(config.towers)
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)  # the paper's: 1e-4 times the sum


def _classifier_layers(config: AlexNetConfig) -> list[nn.Module]:
    """Return fc6, fc7 and fc8, with a ReLU between and dropout where the configuration has it."""
    flat = config.convs[-1].channels * config.grid**2
    first = config.hidden * (2 if config.meet_last else 1)
    widths: dict[HiddenLayer, tuple[int, int]] = {
        "fc6": (flat, first),
        "fc7": (first, config.hidden),
        "fc8": (config.hidden, config.num_classes),
    }
    layers: list[nn.Module] = []
    for name, (before, after) in widths.items():
        if name in config.dropout_before:
            layers.append((MaskDropout if config.authors else nn.Dropout)(config.dropout))
        apart = config.meet_last and name != "fc8"
        layers += [(TowerLinear if apart else nn.Linear)(before, after), nn.ReLU()]
    return layers[:-1]  # no ReLU after fc8


class AlexNet(nn.Module):
    """``features`` -> perhaps ``avgpool`` -> ``classifier``, named as torchvision and the articles.

    Dropout takes a place in ``classifier``, so the keys say where it stands: the linear layers are
    1, 4 and 6 with dropout before fc6 and fc7, 0, 3 and 5 with dropout before fc7 alone, and 0, 3
    and 6 with dropout before fc7 and fc8.
    """

    def __init__(self, config: AlexNetConfig) -> None:
        """Build the layers in the order of torchvision, so that one seed gives its weights."""
        super().__init__()
        self.config = config
        self.features = _convolution_layers(config, config.built_convs)
        self.avgpool = nn.AdaptiveAvgPool2d((config.grid,) * 2) if config.adaptive_pool else None
        self.classifier = nn.Sequential(*_classifier_layers(config))

    def forward(self, x: Tensor) -> Tensor:
        """Map x (N, 3, H, W) to logits (N, num_classes).

        Raises:
            ModelError: The input size does not lead to the classifier's grid.
        """
        maps = self.features(x)
        if self.avgpool is not None:
            maps = self.avgpool(maps)
        flat: Tensor = self.classifier(flatten(maps, self.config.grid))
        return flat


class StagedAlexNet(nn.Module):
    """The full net as the article's stages ``conv1``, ``conv2``, ``conv3`` and ``fc``."""

    def __init__(self, config: AlexNetConfig) -> None:
        """Build the stages; the net equals ``AlexNet(config)``, in training too."""
        super().__init__()
        self.config = config
        first, second, rest = config.convs[:1], config.convs[1:2], config.convs[2:]
        self.conv1 = _convolution_layers(config, first)
        self.conv2 = _convolution_layers(config, second, first[-1].channels)
        self.conv3 = _convolution_layers(config, rest, second[-1].channels)
        self.fc = nn.Sequential(*_classifier_layers(config))

    def forward(self, x: Tensor) -> Tensor:
        """Map x (N, 3, H, W) to logits (N, num_classes).

        Raises:
            ModelError: The input size does not lead to the classifier's grid.
        """
        maps = self.conv3(self.conv2(self.conv1(x)))
        logits: Tensor = self.fc(flatten(maps, self.config.grid))
        return logits
