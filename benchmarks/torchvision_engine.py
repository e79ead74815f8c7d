"""Our engine against torchvision's manner: its ``alexnet`` on photographs, by a script and by us.

``python -m benchmarks torchvision`` takes a folder named ``flowers`` below ``ALEXCORE_PICTURES``;
``python -m benchmarks.torchvision_engine FOLDER --epochs 30 --seeds 5`` takes any folder of
pictures a class. Both train on the same pictures from the same initial weights by the same recipe
and are judged on the same validation pictures. What differs is all that is measured: the script
decodes every picture in every epoch in workers of a DataLoader and shuffles and crops by torch's
generators, the engine decodes once and draws from its own. So accuracies agree in their mean, not
one by one.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Annotated, Any

import torch
import torchvision
import typer
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms import v2

from alexcore.datasets.folder import Item
from alexcore.datasets.sources import list_sources
from alexcore.images.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from alexcore.runs.config import TrainConfig, create_config
from alexcore.runs.effect import Effect
from alexcore.runs.equivalence import compute_equivalence
from alexcore.runs.history import load_history
from alexcore.runs.schedule import compute_lr
from alexcore.training.data import TrainingData, prepare_data
from alexcore.training.loop import train
from benchmarks.table import Row, format_table

_EPOCHS, _SEEDS, _WORKERS = 2, 2, 2
"""About ten minutes on two cores; the net learns something from twenty epochs on."""
_SAME = 0.02
"""Accuracies within this count as the same."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one training came to.

    Attributes:
        accuracy: On the validation pictures after the last epoch, in [0, 1].
        seconds: Of each epoch, its validation included.
    """

    accuracy: float
    seconds: tuple[float, ...]


def measure_torchvision_engine() -> list[Row]:
    """Compare on the folder ``flowers`` below ``ALEXCORE_PICTURES``; nothing where it is not."""
    folders = [Path(name) for name in list_sources() if Path(name).name == "flowers"]
    if not folders:
        print(
            "torchvision: skipped, as there is no folder 'flowers' with a folder a class below "
            "ALEXCORE_PICTURES; 'python -m benchmarks.torchvision_engine FOLDER' takes any."
        )
        return []
    return compare_engines(folders[0], _EPOCHS, _SEEDS)


def compare_engines(folder: Path, epochs: int, seeds: int) -> list[Row]:
    """Train with every seed by both and return accuracies and seconds an epoch.

    Args:
        folder: Pictures, a folder a class.
        epochs: Of each training; the first is timed only where it is the only one.
        seeds: How many seeds, from 0.
    """
    configs = [
        create_config(
            model="torchvision", batch_size=32, epochs=epochs, seed=seed, hidden=4096, flip=True,
            precision="32-true",
        )
        for seed in range(seeds)
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        began = time.perf_counter()
        data = prepare_data(folder, configs[0], Path(scratch) / "cache")
        preparing = time.perf_counter() - began
        script, engine = [], []
        for config in configs:
            script.append(train_by_script(config, data, folder))
            engine.append(train_by_engine(config, data, Path(scratch) / config.run_name))
            print(f"seed {config.seed}: script {script[-1]}, engine {engine[-1]}", flush=True)
    _say_agreement(script, engine)
    return _create_rows(script, engine, preparing)


def train_by_engine(config: TrainConfig, data: TrainingData, folder: Path) -> Outcome:
    """Train by ``alexcore.training``."""
    run = train(config, data, folder)
    rows = load_history(run.history_file)
    ends = [0.0, *(row.seconds for row in rows)]
    seconds = tuple(after - before for before, after in pairwise(ends))
    return Outcome(rows[-1].val_accuracy, seconds)


class _Files(Dataset[tuple[Tensor, int]]):
    """Decodes a picture whenever it is asked for, as torchvision's ``ImageFolder`` does."""

    def __init__(self, root: Path, items: Sequence[Item], classes: Sequence[str], steps: Any):
        self.root, self.items, self.classes, self.steps = root, items, classes, steps

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        item = self.items[index]
        picture = decode_image(str(self.root / item.path), ImageReadMode.RGB)
        return self.steps(picture), self.classes.index(item.label)


def train_by_script(config: TrainConfig, data: TrainingData, folder: Path) -> Outcome:
    """Train as torchvision's reference does: v2 transforms in workers, SGD, cross-entropy."""
    ending = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(IMAGENET_MEAN, IMAGENET_STD)]
    random = [v2.RandomCrop(config.crop), v2.RandomHorizontalFlip()]
    resize = v2.Resize(config.resize, antialias=True)
    trained = _Files(folder, data.train.items, data.classes, v2.Compose([resize, *random, *ending]))
    judged = _Files(
        folder, data.validation.items, data.classes,
        v2.Compose([resize, v2.CenterCrop(config.crop), *ending]),
    )  # fmt: skip
    torch.manual_seed(config.seed)
    net = torchvision.models.alexnet(num_classes=len(data.classes), dropout=config.dropout)
    optimizer = torch.optim.SGD(
        net.parameters(), config.lr, config.momentum, weight_decay=config.weight_decay
    )
    training = DataLoader(
        trained, config.batch_size, True, num_workers=_WORKERS, persistent_workers=True
    )
    validation = DataLoader(judged, 64, num_workers=_WORKERS, persistent_workers=True)
    seconds, accuracy = [], 0.0
    for epoch in range(1, config.epochs + 1):
        began = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = compute_lr(config, epoch - 1, 1)
        _train_epoch(net, optimizer, training)
        accuracy = _judge(net, validation)
        seconds.append(time.perf_counter() - began)
    return Outcome(accuracy, tuple(seconds))


def _train_epoch(net: nn.Module, optimizer: torch.optim.Optimizer, batches: Any) -> None:
    net.train()
    for x, y in batches:
        loss = functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _judge(net: nn.Module, batches: Any) -> float:
    net.eval()
    with torch.inference_mode():
        right = [(net(x).argmax(1) == y).float() for x, y in batches]
    return float(torch.cat(right).mean())


def _say_agreement(script: Sequence[Outcome], engine: Sequence[Outcome]) -> None:
    pairs = zip(engine, script, strict=True)
    effect = Effect(tuple(ours.accuracy - theirs.accuracy for ours, theirs in pairs))
    found = compute_equivalence(effect, _SAME)
    verdict = f"; within ±{100 * _SAME:.0f} points: {found.verdict}" if found else ", one seed"
    print(f"engine minus script: {effect} of validation accuracy over the seeds{verdict}")


def _create_rows(
    script: Sequence[Outcome], engine: Sequence[Outcome], preparing: float
) -> list[Row]:
    """Return accuracy, seconds an epoch after the first, and all of a training."""
    baseline = "torchvision's alexnet, DataLoader and v2 transforms"

    def accuracy(outcomes: Sequence[Outcome]) -> float:
        return 100 * mean(outcome.accuracy for outcome in outcomes)

    def epoch(outcomes: Sequence[Outcome]) -> float:
        return median(s for outcome in outcomes for s in outcome.seconds[1:] or outcome.seconds)

    def whole(outcomes: Sequence[Outcome]) -> float:
        return mean(sum(outcome.seconds) for outcome in outcomes)

    return [
        Row("accuracy by the engine", accuracy(engine), "%", baseline, accuracy(script),
            "about 1"),
        Row("an epoch by the engine", epoch(engine), "s", baseline, epoch(script), "< 1"),
        Row("a training by the engine, with decoding once", whole(engine) + preparing, "s",
            baseline, whole(script), "< 1"),
    ]  # fmt: skip


def main(
    folder: Annotated[Path, typer.Argument(help="Pictures, a folder a class.")],
    epochs: Annotated[int, typer.Option(min=1)] = _EPOCHS,
    seeds: Annotated[int, typer.Option(min=1)] = _SEEDS,
) -> None:
    """Compare both on any folder."""
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no folder {folder}; name one with a folder a class.")
    print(format_table(compare_engines(folder, epochs, seeds)))


if __name__ == "__main__":
    typer.run(main)
