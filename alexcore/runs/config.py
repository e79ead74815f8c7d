"""What decides a training run, and the recipes known by name; reading it does not import torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from alexcore.errors import TrainingError
from alexcore.models.registry import get_spec

Precision = Literal["auto", "32-true", "bf16-mixed", "16-mixed"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
Recipe = Literal["article", "paper2012", "quick"]


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
        batch_size: Images a step in each process.
        epochs: Passes over the training images.
        lr: Learning rate of SGD until ``lr_drop_epoch`` has passed.
        lr_after: Learning rate from then on.
        lr_drop_epoch: The last epoch at ``lr``.
        momentum: Of SGD; 0 is plain SGD.
        weight_decay: L2 penalty of SGD.
        flip: Whether pictures are mirrored at random.
        colour_noise: Standard deviation of the paper's PCA colour augmentation, 0 for none.
        hidden: Width of fc6 and fc7.
        dropout: Probability of dropping a unit in each of the model's dropout layers.
        crop: Side of the random square crop, in pixels.
        resize: Shorter side of the picture the crop is cut from, in pixels.
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
    batch_size: int = 16
    epochs: int = 150
    lr: float = 0.01
    lr_after: float = 0.003
    lr_drop_epoch: int = 18
    momentum: float = 0.9
    weight_decay: float = 0.0
    flip: bool = False
    colour_noise: float = 0.0
    hidden: int = 2048
    dropout: float = 0.5
    crop: int = 227
    resize: int = 256
    validation_share: float = 0.2
    keep_near_copies: bool = False
    seed: int = 0
    precision: Precision = "auto"
    compile: bool = False
    recipe: Recipe = "article"

    def __post_init__(self) -> None:
        """Refuse values no run can have, each with the range that is allowed."""
        get_spec(self.model)
        rules = (
            ("batch_size", self.batch_size >= 1, "at least 1"),
            ("epochs", self.epochs >= 1, "at least 1"),
            ("lr", self.lr > 0, "above 0"),
            ("lr_after", self.lr_after > 0, "above 0"),
            ("lr_drop_epoch", self.lr_drop_epoch >= 1, "at least 1"),
            ("momentum", 0 <= self.momentum < 1, "in [0, 1)"),
            ("weight_decay", self.weight_decay >= 0, "at least 0"),
            ("colour_noise", self.colour_noise >= 0, "at least 0"),
            ("hidden", self.hidden >= 1, "at least 1"),
            ("dropout", 0 <= self.dropout < 1, "in [0, 1)"),
            ("resize", self.resize >= self.crop >= 1, "at least the crop"),
            ("validation_share", 0 < self.validation_share < 1, "in (0, 1)"),
            ("precision", self.precision in PRECISIONS, f"one of {', '.join(PRECISIONS)}"),
        )
        for name, holds, allowed in rules:
            if not holds:
                raise TrainingError(f"got {name}={getattr(self, name)}; it must be {allowed}.")

    def lr_at(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 1."""
        return self.lr if epoch <= self.lr_drop_epoch else self.lr_after

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


RECIPES: dict[str, dict[str, Any]] = {
    "article": {},
    "paper2012": {
        "batch_size": 128,
        "weight_decay": 5e-4,
        "flip": True,
        "colour_noise": 0.1,
        "epochs": 90,
        "lr_after": 0.001,
        "lr_drop_epoch": 60,
        "model": "original",
        "hidden": 4096,
        "crop": 224,
    },
    "quick": {"epochs": 12, "lr_drop_epoch": 9, "flip": True},
}
"""The article's recipe, the paper's (section 5, one learning rate drop), and a short one."""


def restore_config(record: Mapping[str, Any]) -> TrainConfig:
    """Return the configuration a file holds, as ``TrainConfig.to_dict`` wrote it.

    A field the file lacks, written before there was one, has its default, or what it stood for
    then: near copies were not held together, and 32-true was the precision. One that is unknown
    here, written by a later version, is left out.

    Raises:
        TrainingError: A value is out of range.
        ModelError: The model is unknown.
        TypeError: A value is of another type than its field.
    """
    known = {field.name for field in fields(TrainConfig)}
    before: dict[str, Any] = {"precision": "32-true", "keep_near_copies": True}
    return TrainConfig(**before | {name: record[name] for name in known & record.keys()})


def create_config(recipe: str = "article", **changes: Any) -> TrainConfig:
    """Return a recipe with some fields changed; changes that are None are left out.

    The crop follows the model's own input size unless it is given.

    Raises:
        TrainingError: The recipe or a field is unknown, or a value is out of range.
        ModelError: The model is unknown.
    """
    if recipe not in RECIPES:
        raise TrainingError(f"no recipe {recipe!r}; there are {', '.join(RECIPES)}.")
    given = {name: value for name, value in changes.items() if value is not None}
    unknown = set(given) - {field.name for field in fields(TrainConfig)}
    if unknown:
        raise TrainingError(f"a run has no {', '.join(sorted(unknown))}.")
    config = replace(TrainConfig(), **{**RECIPES[recipe], "recipe": recipe, **given})
    if "crop" in given:
        return config
    return replace(config, crop=get_spec(config.model).input_size)
