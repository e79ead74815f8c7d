"""One declarative description of the AlexNet family, and the two modules built from it.

Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural
Networks", 2012; the one-tower form is "One weird trick for parallelizing convolutional
neural networks", 2014, https://arxiv.org/abs/1404.5997, as torchvision builds it.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from alexcore.errors import ModelError

HiddenLayer = Literal["fc6", "fc7", "fc8"]


@dataclass(frozen=True, slots=True)
class ConvSpec:
    """A convolution with its ReLU and what follows it.

    Attributes:
        channels: Output channels.
        kernel: Side of the square kernel.
        stride: Step of the kernel.
        padding: Zeros added on each side.
        groups: Towers that do not see each other's channels.
        lrn: Whether local response normalisation (section 3.3 of the paper) follows.
        pool: Whether a 3x3 maximum pool at stride 2 follows.
        pool_padding: Padding of that pool.
    """

    channels: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    lrn: bool = False
    pool: bool = False
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
    """

    convs: tuple[ConvSpec, ...]
    hidden: int = 2048
    num_classes: int = 5
    input_size: int = 227
    grid: int = 6
    adaptive_pool: bool = False
    dropout: float = 0.5
    dropout_before: tuple[HiddenLayer, ...] = ("fc6", "fc7")

    def __post_init__(self) -> None:
        """Refuse widths that no layer can have."""
        if self.hidden < 1 or self.num_classes < 1:
            raise ModelError(
                f"got hidden={self.hidden} and num_classes={self.num_classes}; "
                "both must be at least 1."
            )


def _article(widths: tuple[int, int, int, int, int], first_padding: int) -> tuple[ConvSpec, ...]:
    return (
        ConvSpec(widths[0], 11, stride=4, padding=first_padding, pool=True),
        ConvSpec(widths[1], 5, padding=2, pool=True),
        ConvSpec(widths[2], 3, padding=1),
        ConvSpec(widths[3], 3, padding=1),
        ConvSpec(widths[4], 3, padding=1, pool=True),
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


def _convolution_layers(convs: tuple[ConvSpec, ...], in_channels: int) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for conv in convs:
        layers += [
            nn.Conv2d(
                in_channels,
                conv.channels,
                conv.kernel,
                conv.stride,
                conv.padding,
                groups=conv.groups,
            ),
            nn.ReLU(),
        ]
        if conv.lrn:
            layers.append(nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))
        if conv.pool:
            layers.append(nn.MaxPool2d(3, 2, conv.pool_padding))
        in_channels = conv.channels
    return layers


def _classifier_layers(config: AlexNetConfig) -> list[nn.Module]:
    """Return fc6, fc7 and fc8, with a ReLU between and dropout where the configuration has it."""
    flat = config.convs[-1].channels * config.grid**2
    widths: dict[HiddenLayer, tuple[int, int]] = {
        "fc6": (flat, config.hidden),
        "fc7": (config.hidden, config.hidden),
        "fc8": (config.hidden, config.num_classes),
    }
    layers: list[nn.Module] = []
    for name, (before, after) in widths.items():
        if name in config.dropout_before:
            layers.append(nn.Dropout(config.dropout))
        layers += [nn.Linear(before, after), nn.ReLU()]
    return layers[:-1]  # no ReLU after fc8


class AlexNet(nn.Module):
    """``features`` -> perhaps ``avgpool`` -> ``classifier``, named as torchvision and the articles.

    Dropout takes a place in ``classifier``, so the keys say where it stands: the linear layers are
    1, 4 and 6 with dropout before fc6 and fc7, and 0, 3 and 5 with dropout before fc7 alone.
    """

    def __init__(self, config: AlexNetConfig) -> None:
        """Build the layers in the order of torchvision, so that one seed gives its weights."""
        super().__init__()
        self.config = config
        self.features = nn.Sequential(*_convolution_layers(config.convs, 3))
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
        self.conv1 = nn.Sequential(*_convolution_layers(first, 3))
        self.conv2 = nn.Sequential(*_convolution_layers(second, first[-1].channels))
        self.conv3 = nn.Sequential(*_convolution_layers(rest, second[-1].channels))
        self.fc = nn.Sequential(*_classifier_layers(config))

    def forward(self, x: Tensor) -> Tensor:
        """Map x (N, 3, H, W) to logits (N, num_classes).

        Raises:
            ModelError: The input size does not lead to the classifier's grid.
        """
        maps = self.conv3(self.conv2(self.conv1(x)))
        logits: Tensor = self.fc(flatten(maps, self.config.grid))
        return logits
