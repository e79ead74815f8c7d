"""What can be built, by name; reading the list does not import torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from alexcore.errors import ModelError
from alexcore.images.preprocessing import RAW_STD, Preprocessing

if TYPE_CHECKING:
    from alexcore.models.alexnet import AlexNet, AlexNetConfig, StagedAlexNet


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One variant, as a picker shows it.

    Attributes:
        name: The key of ``create_model``.
        title: A short name for people.
        summary: One sentence that tells it from the others.
        input_size: Side of the square input it is meant for, in pixels.
        hidden: Width of fc6 and fc7 by default.
        num_classes: Outputs of fc8 by default.
        raw_pixels: Whether it is meant for 0 to 255 less the mean, as in 2012: on smaller numbers
            its norms do nothing.
    """

    name: str
    title: str
    summary: str
    input_size: int
    hidden: int
    num_classes: int
    raw_pixels: bool = False

    @property
    def preprocessing(self) -> Preprocessing:
        """What becomes of a picture, where no training says so."""
        usual = Preprocessing.for_input(self.input_size)
        return replace(usual, std=RAW_STD) if self.raw_pixels else usual


_SPECS = (
    ModelSpec(
        "full",
        "Full width",
        "The article's net at full width: 96-256-384-384-256 channels, no padding in conv1.",
        227,
        2048,
        5,
    ),
    ModelSpec(
        "half",
        "Half width",
        "Every layer halved, conv5 too; the paper's own net on one GPU is one_gpu.",
        227,
        2048,
        5,
    ),
    ModelSpec(
        "staged",
        "Staged",
        "The full net cut in three stages conv1, conv2, conv3 and fc, for staged feature maps.",
        227,
        2048,
        5,
    ),
    ModelSpec(
        "torchvision",
        "Torchvision",
        "The one-tower net of 2014: 64-192-384-256-256, no LRN, any input size from 63 pixels.",
        224,
        4096,
        1000,
    ),
    ModelSpec(
        "original",
        "Original (2012)",
        "The paper's net as its authors' program has it: two towers, 224 pixels rounded up.",
        224,
        4096,
        1000,
        raw_pixels=True,
    ),
    ModelSpec(
        "one_gpu",
        "One GPU (2012)",
        "The paper's net on one GPU: one tower, conv1 to conv4 halved, conv5 and fc whole.",
        224,
        4096,
        1000,
        raw_pixels=True,
    ),
    ModelSpec(
        "original_no_norms",
        "Original, no norms",
        "The authors' ablation of original without LRN and the spatial norm.",
        224,
        4096,
        1000,
        raw_pixels=True,
    ),
    ModelSpec(
        "original_2x2_pools",
        "Original, 2x2 pools",
        "The authors' ablation of original with pools that do not overlap.",
        224,
        4096,
        1000,
        raw_pixels=True,
    ),
    ModelSpec(
        "original_no_exchange",
        "Original, no exchange",
        "The authors' ablation of original whose towers meet in fc8 alone.",
        224,
        4096,
        1000,
        raw_pixels=True,
    ),
    ModelSpec(
        "zfnet",
        "ZFNet (2013)",
        "The successor: a finer first layer, 7x7 at stride 2, then 5x5 at stride 2.",
        224,
        4096,
        1000,
    ),
)


def list_models() -> tuple[ModelSpec, ...]:
    """Return every variant, the article's first."""
    return _SPECS


def get_spec(name: str) -> ModelSpec:
    """Return the variant called ``name``.

    Raises:
        ModelError: There is none of that name.
    """
    for spec in _SPECS:
        if spec.name == name:
            return spec
    raise ModelError(f"no model {name!r}; there are {', '.join(s.name for s in _SPECS)}.")


def get_config(name: str) -> AlexNetConfig:
    """Return the layers of the variant called ``name``.

    Raises:
        ModelError: There is none of that name.
    """
    from alexcore.models import alexnet, alexnet_2012, zfnet

    configs = {
        "full": alexnet.FULL,
        "half": alexnet.HALF,
        "staged": alexnet.FULL,
        "torchvision": alexnet.TORCHVISION,
        "original": alexnet_2012.ORIGINAL,
        "one_gpu": alexnet_2012.ONE_GPU,
        "original_no_norms": alexnet_2012.NO_NORMS,
        "original_2x2_pools": alexnet_2012.POOLS_2X2,
        "original_no_exchange": alexnet_2012.NO_EXCHANGE,
        "zfnet": zfnet.ZFNET,
    }
    return configs[get_spec(name).name]


def create_model(
    name: str, num_classes: int | None = None, hidden: int | None = None, **changes: Any
) -> AlexNet | StagedAlexNet:
    """Build a variant with random weights from torch's current generator.

    Args:
        name: A name from ``list_models()``.
        num_classes: Outputs; the variant's own default when None.
        hidden: Width of fc6 and fc7; the variant's own default when None.
        **changes: Other fields of ``AlexNetConfig``, as ``as_printed=True`` for ``original``.

    Returns:
        The module in training mode. It maps x (N, 3, H, W) to logits (N, num_classes).

    Raises:
        ModelError: The name is unknown, a width is not positive, or no such net is printed.
    """
    from alexcore.models import alexnet, alexnet_2012

    spec = get_spec(name)
    widths = {
        "hidden": spec.hidden if hidden is None else hidden,
        "num_classes": spec.num_classes if num_classes is None else num_classes,
    }
    config = replace(get_config(name), **widths | changes)
    if name == "staged":
        return alexnet.StagedAlexNet(config)
    model = alexnet.AlexNet(config)
    if config.authors:
        alexnet_2012.initialise_as_authors(model)
    return model
