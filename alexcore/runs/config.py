"""What decides a training run, and the recipes known by name; reading it does not import torch."""

import inspect
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from alexcore.errors import TrainingError
from alexcore.images.preprocessing import IMAGENET_STD, RAW_STD, Preprocessing
from alexcore.models.registry import get_spec

Precision = Literal["auto", "32-true", "bf16-mixed", "16-mixed"]
Schedule = Literal["step", "cosine", "one-cycle"]
Initial = Literal["default", "kaiming"]
ColourNoise = Literal["eigenvalues", "roots"]
Recipe = Literal["article", "paper2012", "quick", "look", "finetune"]


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How a folder of pictures is parted, as a ``TrainConfig`` has it.

    Attributes:
        validation_share: Share of each class held out, in (0, 1).
        keep_near_copies: Whether near copies may stand on both sides; exact copies never do.
    """

    validation_share: float = 0.2
    keep_near_copies: bool = False


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Every choice of a run; the same configuration and data give the same weights on a CPU.

    Attributes:
        model: The variant, of those ``list_models`` names.
        hidden: Width of fc6 and fc7.
        dropout: Probability of dropping a unit in each of the model's dropout layers.
        initial: The first weights: the model's own, or Kaiming's, with biases of 0.
        conv1_std: Standard deviation of conv1's first weights, 0 for what ``initial`` gives.
        init: Whose weights to begin with: a run's name, ``imagenet``, or nobody's. The last layer
            is fresh where the number of classes differs.
        freeze: Leading layers whose weights are held; 5 are all convolutions.
        batch_size: Images a step in each process.
        epochs: Passes over the training images.
        patience: Epochs without a better validation accuracy after which a run ends, 0 for never.
        lr: Learning rate of SGD, the highest of its schedule.
        schedule: How the learning rate falls: in steps, as half a cosine to 0, or up and down.
        lr_drops: The last epoch before each step and the rate after it, as in 24:0.001,50:0.0001;
            nothing for a rate that stays.
        bias_lr: Learning rate of the biases, as a multiple of that of the weights.
        warmup: Epochs, also parts of one, in which the learning rate rises to ``lr``; 0 stands for
            three tenths of the run in one-cycle.
        momentum: Of SGD; 0 is plain SGD.
        velocity: Whether momentum is a velocity, the last update itself, which keeps its size where
            the rate falls, as in 2012; otherwise PyTorch's sum of gradients, times the rate.
        weight_decay: L2 penalty of SGD.
        linear_weight_decay: The same of the linear layers, where theirs is another.
        bias_weight_decay: The same of the biases, where theirs is another.
        label_smoothing: Share of each label that is spread over all classes.
        smooth_conv1: Penalty on the squared differences of neighbours in conv1's kernels.
        focus: Penalty on the share of the last convolution's answers that lies off the creature;
            drawn sets alone have masks of it.
        freeze_conv1: Share of the epochs, the last ones, in which conv1 is held.
        average: Decay a step of the mean of the weights that is judged and kept, 0 for the last
            weights themselves.
        raw_pixels: Whether the net sees pixels of 0 to 255 less their mean, as in 2012; otherwise
            also divided by their standard deviation.
        crop: Side of the random square crop, in pixels.
        resize: Shorter side of the picture the crop is cut from, in pixels.
        scale_min: The smallest share of a picture that a crop of random size and shape has; 1 for
            crops of one size.
        flip: Whether pictures are mirrored at random.
        colour_noise: Standard deviation of the paper's PCA colour augmentation, 0 for none.
        colour_noise_by: What it multiplies: the eigenvalues the paper prints, or their roots, as
            the authors' program, which then divides the picture by 1 + ``colour_noise``.
        colour_noise_off: Share of the epochs, the last ones, without it.
        jitter: How far brightness, contrast and saturation vary, as a share, 0 for none.
        permute_colours: Probability that a picture's red, green and blue change places.
        grey: Probability that a picture loses its colours.
        validation_share: Share of each class held out.
        keep_near_copies: Whether near copies of a training picture may be held out; otherwise they
            stay on one side, as exact copies do.
        seed: Of the weights, the order, the crops and the dropout.
        precision: In which numbers are multiplied, as Lightning Fabric names it; ``auto`` is
            bf16-mixed where the hardware has it, 32-true elsewhere.
        compile: Whether torch.compile fuses the model, on a GPU into CUDA graphs.
        recipe: The named choices the others start from.
    """

    model: str = "half"
    hidden: int = 2048
    dropout: float = 0.5
    initial: Initial = "default"
    conv1_std: float = 0.0
    init: str = ""
    freeze: int = 0

    batch_size: int = 16
    epochs: int = 150
    patience: int = 0
    lr: float = 0.01
    schedule: Schedule = "step"
    lr_drops: str = "18:0.003"
    bias_lr: float = 1.0
    warmup: float = 0.0
    momentum: float = 0.9
    velocity: bool = False
    weight_decay: float = 0.0
    linear_weight_decay: float | None = None
    bias_weight_decay: float | None = None
    label_smoothing: float = 0.0
    smooth_conv1: float = 0.0
    focus: float = 0.0
    average: float = 0.0
    freeze_conv1: float = 0.0

    raw_pixels: bool = False
    crop: int = 227
    resize: int = 256
    scale_min: float = 1.0
    flip: bool = False
    colour_noise: float = 0.0
    colour_noise_by: ColourNoise = "eigenvalues"
    colour_noise_off: float = 0.0
    jitter: float = 0.0
    permute_colours: float = 0.0
    grey: float = 0.0
    validation_share: float = 0.2
    keep_near_copies: bool = False

    seed: int = 0
    precision: Precision = "auto"
    compile: bool = False
    recipe: Recipe = "article"

    def __post_init__(self) -> None:
        """Refuse values no run can have, each with the range that is allowed."""
        get_spec(self.model)
        rules = [
            (name, holds(getattr(self, name)), allowed)
            for allowed, holds, names in _RULES
            for name in names
        ]
        rules += [
            ("resize", self.resize >= self.crop, "at least the crop"),
            (
                "warmup",
                self.warmup < self.epochs,
                f"less than the epochs, here {self.epochs}. Train more epochs, or give a shorter "
                "warm-up, such as 0",
            ),
        ]
        for name, holds, allowed in rules:
            if not holds:
                raise TrainingError(f"got {name}={getattr(self, name)}; it must be {allowed}.")

    @property
    def preprocessing(self) -> Preprocessing:
        """What becomes of a picture before the net sees it."""
        std = RAW_STD if self.raw_pixels else IMAGENET_STD
        return Preprocessing(self.crop, self.resize, std=std)

    @property
    def split_rule(self) -> SplitRule:
        """How its pictures are parted."""
        return SplitRule(self.validation_share, self.keep_near_copies)

    @property
    def run_name(self) -> str:
        """The folder name of this run: model, batch size, and the seed unless it is 0."""
        return f"{self.model}-b{self.batch_size}" + (f"-s{self.seed}" if self.seed else "")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as they are stored in ``run.json``."""
        return asdict(self)


def describe_fields() -> dict[str, str]:
    """Return {field: what the Attributes section of ``TrainConfig`` says of it}."""
    text = inspect.getdoc(TrainConfig) or ""  # none under python -OO
    found = re.findall(r"^ {4}(\w+): (.+(?:\n {5,}.+)*)", text, flags=re.MULTILINE)
    said = {name: " ".join(words.replace("``", "'").split()) for name, words in found}
    return {field.name: said.get(field.name, "") for field in fields(TrainConfig)}


def list_drops(text: str) -> list[tuple[int, float]]:
    """Return (last epoch before, rate after) of each step in ``TrainConfig.lr_drops``.

    Raises:
        ValueError: It is no list of steps.
    """
    pairs = [drop.split(":") for drop in text.split(",") if drop.strip()]
    return [(int(epoch), float(rate)) for epoch, rate in pairs]


def _are_drops(text: str) -> bool:
    try:
        drops = list_drops(text)
    except ValueError:
        return False
    epochs = [epoch for epoch, _ in drops]
    return epochs == sorted(epochs) and all(e >= 1 and 0 < rate < math.inf for e, rate in drops)


_PENALTIES = ("weight_decay", "linear_weight_decay", "bias_weight_decay", "smooth_conv1")
_RULES: tuple[tuple[str, Callable[[Any], bool], tuple[str, ...]], ...] = (
    ("at least 1", lambda v: v >= 1, ("hidden", "batch_size", "epochs", "crop")),
    ("above 0", lambda v: v > 0, ("lr", "bias_lr")),
    (
        "epochs and rates, the epochs in order, such as 24:0.001,50:0.0001",
        _are_drops,
        ("lr_drops",),
    ),
    (
        "at least 0",
        lambda v: v is None or v >= 0,
        ("conv1_std", "patience", "warmup", "focus", "colour_noise", *_PENALTIES),
    ),
    ("in [0, 1)", lambda v: 0 <= v < 1, ("dropout", "momentum", "label_smoothing", "average")),
    (
        "in [0, 1]",
        lambda v: 0 <= v <= 1,
        ("freeze_conv1", "colour_noise_off", "jitter", "permute_colours", "grey"),
    ),
    ("in (0, 1)", lambda v: 0 < v < 1, ("validation_share",)),
    ("in (0, 1]", lambda v: 0 < v <= 1, ("scale_min",)),
    ("0 to 7, since the last layer learns", lambda v: 0 <= v <= 7, ("freeze",)),
    *(
        (f"one of {', '.join(get_args(kind))}", get_args(kind).__contains__, (name,))
        for name, kind in (
            ("initial", Initial),
            ("schedule", Schedule),
            ("colour_noise_by", ColourNoise),
            ("precision", Precision),
        )
    ),
)
"""What is allowed, in words and as a test, and of which fields."""


RECIPES: dict[str, dict[str, Any]] = {
    "article": {},
    "paper2012": {
        "model": "original",
        "hidden": 4096,
        "batch_size": 128,
        "epochs": 91,
        "lr_drops": "24:0.001,50:0.0001,78:0.00001",
        "bias_lr": 2.0,
        "velocity": True,
        "weight_decay": 5e-4,
        "bias_weight_decay": 0.0,
        "raw_pixels": True,
        "crop": 224,
        "flip": True,
        "colour_noise": 0.1,
        "colour_noise_by": "roots",
        "colour_noise_off": 0.25,
    },
    "quick": {"epochs": 12, "lr_drops": "9:0.003", "flip": True},
    "look": {
        "initial": "kaiming",
        "conv1_std": 0.003,
        "batch_size": 32,
        "epochs": 12,
        "lr": 0.015,
        "schedule": "cosine",
        "warmup": 1.0,
        "smooth_conv1": 5e-3,
        "scale_min": 0.7,
        "flip": True,
        "colour_noise": 0.1,
        "permute_colours": 0.6,
        "grey": 0.2,
    },
    "finetune": {
        "model": "torchvision",
        "hidden": 4096,
        "init": "imagenet",
        "freeze": 5,
        "batch_size": 32,
        "epochs": 15,
        "lr": 0.003,
        "schedule": "cosine",
        "warmup": 1.0,
        "label_smoothing": 0.1,
        "scale_min": 0.5,
        "flip": True,
    },
}
"""The article's recipe, the paper's as its authors ran it, a short one, one for nets whose first
kernels are worth looking at, and one for small sets of one's own.

What ``paper2012`` has beside the paper's section 5 is in github.com/computerhistory/
AlexNet-Source-Code, layers/layer-params-145.cfg: the rates and when they fell (lines 169-181), that
of the biases (1-119), when the colour noise was switched off and conv1 held (177-179). There the
rates fell by hand, so for another number of epochs they fall at the same shares of the run.
"""


def restore_config(record: Mapping[str, Any]) -> TrainConfig:
    """Return the configuration a file holds, as ``TrainConfig.to_dict`` wrote it.

    A field the file lacks, written before there was one, has its default, or what it stood for
    then: near copies were not held together, 32-true was the precision, and the rate fell once.
    One that is unknown here, written by a later version, is left out.

    Raises:
        TrainingError: A value is out of range.
        ModelError: The model is unknown.
        TypeError: A value is of another type than its field.
    """
    known = {field.name for field in fields(TrainConfig)}
    before: dict[str, Any] = {"precision": "32-true", "keep_near_copies": True}
    if "lr_after" in record:
        before["lr_drops"] = f"{record['lr_drop_epoch']}:{record['lr_after']}"
    return TrainConfig(**before | {name: record[name] for name in known & record.keys()})


def create_config(recipe: str = "article", **changes: Any) -> TrainConfig:
    """Return a recipe with some fields changed; changes that are None are left out.

    The crop follows the model's own input size unless it is given, and a recipe holds no layers
    of random weights: where ``init`` is nobody's, ``freeze`` is 0 unless it is given. The rates of
    ``paper2012`` fall at the same shares of any number of epochs unless they are given.

    Raises:
        TrainingError: The recipe or a field is unknown, a value is out of range, or layers of
            random weights are to be held.
        ModelError: The model is unknown.
    """
    if recipe not in RECIPES:
        raise TrainingError(f"no recipe {recipe!r}; there are {', '.join(RECIPES)}.")
    given = {name: value for name, value in changes.items() if value is not None}
    unknown = set(given) - {field.name for field in fields(TrainConfig)}
    if unknown:
        raise TrainingError(f"a run has no {', '.join(sorted(unknown))}.")
    config = replace(TrainConfig(), **{**RECIPES[recipe], "recipe": recipe, **given})
    if config.freeze and not config.init:
        if given.get("freeze"):
            raise TrainingError(
                f"got freeze={config.freeze}, which would hold layers of random weights. Say whose "
                "weights to begin with (init: a run's name or imagenet), or leave freeze at 0."
            )
        config = replace(config, freeze=0)
    if config.focus and config.freeze >= 5:
        raise TrainingError(
            f"got focus={config.focus} and freeze={config.freeze}: held convolutions cannot learn "
            "where to answer. Hold fewer than 5 layers, or leave focus at 0."
        )
    if recipe == "paper2012" and "lr_drops" not in given:
        share = config.epochs / RECIPES[recipe]["epochs"]
        config = replace(config, lr_drops=_scale_drops(config.lr_drops, share))
    if "crop" in given:
        return config
    return replace(config, crop=get_spec(config.model).input_size)


def _scale_drops(text: str, share: float) -> str:
    drops = [drop.split(":") for drop in text.split(",")]
    return ",".join(f"{max(1, round(int(epoch) * share))}:{rate}" for epoch, rate in drops)
