"""Training: the engine against the article's loop and against a step fed from memory."""

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from alexcore.datasets.creatures import SPECIES_NAMES, draw_creature
from alexcore.datasets.folder import Item
from alexcore.datasets.pixel_cache import Pixels
from alexcore.images.preprocessing import IMAGENET_MEAN, IMAGENET_STD
from alexcore.inspection.trace import trace_variant
from alexcore.models import create_model
from alexcore.runs.config import TrainConfig, create_config
from alexcore.training.data import TrainingData, prepare_data
from alexcore.training.loop import TrainingHooks, train
from benchmarks.limits import measure_limits
from benchmarks.table import Row

_SIDE = 1920
_PER_SPECIES = 26
_BATCH = 16
_GOALS = {"full": "≥ 1.8", "half": "≥ 3"}


def measure_training() -> list[Row]:
    """Return images a second of full and half, and how the cost grows with the pictures."""
    rows = []
    flops = measure_limits()["matrix product, GFLOP/s"] * 1e9
    with tempfile.TemporaryDirectory() as scratch:
        pictures = _draw_pictures(Path(scratch) / "pictures")
        for model in ("full", "half"):
            rows += _measure_model(model, pictures, Path(scratch), flops)
        rows += _measure_growth(Path(scratch))
    return rows


def _draw_pictures(folder: Path) -> Path:
    """Draw full-size JPEGs, as cameras and wikis have them."""
    for species in SPECIES_NAMES:
        (folder / species).mkdir(parents=True)
        for seed in range(_PER_SPECIES):
            image = Image.open(io.BytesIO(draw_creature(species, seed, _SIDE))).convert("RGB")
            image.save(folder / species / f"{seed}.jpg", quality=90)
    return folder


def _measure_model(model: str, pictures: Path, scratch: Path, flops: float) -> list[Row]:
    config = create_config(model=model, batch_size=_BATCH, epochs=2)
    ours = _run_engine(config, prepare_data(pictures, config, scratch / "cache"), scratch / model)
    article = _run_article(model, pictures)
    memory = _run_from_memory(config)
    cost = trace_variant(model, 227, 1, 5, config.hidden).mult_adds * 2 * 3
    unit = "images/s"
    return [
        Row(f"training {model}, batch 16, {_SIDE} px pictures", ours, unit,
            "ImageFolder, PIL transforms, SGD in one process", article, _GOALS[model]),
        Row(f"training {model}, batch 16", ours, unit, "the same step fed from memory", memory,
            "≥ 0.85"),
        Row(f"training {model}, arithmetic", ours * cost / 1e9, "GFLOP/s", "matrix product",
            flops / 1e9),
    ]  # fmt: skip


def _run_engine(config: TrainConfig, data: TrainingData, folder: Path) -> float:
    """Return images a second between the first and the last step of the second epoch."""
    times: list[float] = []

    def on_step(done: int, total: int, rate: float) -> None:
        if total - total // config.epochs < done < total:  # the last batch may be a part of one
            times.append(time.perf_counter())

    train(config, data, folder, hooks=TrainingHooks(on_step))
    return (len(times) - 1) * config.batch_size / (times[-1] - times[0])


def _run_article(model: str, pictures: Path) -> float:
    """The article's loop: everything in the main process, every picture decoded every epoch."""
    steps = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.RandomCrop(227),
            transforms.ToTensor(),
            transforms.Normalize(IMAGENET_MEAN, IMAGENET_STD),
        ]
    )
    loader = DataLoader(ImageFolder(str(pictures), steps), _BATCH, shuffle=True, drop_last=True)
    return _time_steps(create_model(model, num_classes=5), lambda: iter(loader))


def _run_from_memory(config: TrainConfig) -> float:
    """The engine's own step, on batches that are already there."""
    x = torch.randn(_BATCH, 3, 227, 227).to(memory_format=torch.channels_last)
    y = torch.arange(_BATCH) % 5
    net = create_model(config.model, num_classes=5, hidden=config.hidden)
    net = net.to(memory_format=torch.channels_last)
    return _time_steps(net, lambda: iter([(x, y)] * 12), fused=True)


Batches = Iterator[tuple[torch.Tensor, torch.Tensor]]


def _time_steps(net: nn.Module, batches: Callable[[], Batches], fused: bool = False) -> float:
    """Return images a second between the first and the last step of a second pass."""
    optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, fused=fused)
    times: list[float] = []
    for _ in range(2):
        times.clear()
        for x, y in batches():
            loss = functional.cross_entropy(net(x), y)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            times.append(time.perf_counter())
    return (len(times) - 1) * _BATCH / (times[-1] - times[0])


def _measure_growth(scratch: Path) -> list[Row]:
    """Seconds an epoch of half over 500, 1,000 and 2,000 pictures, against the first's rate."""
    config = create_config(model="half", batch_size=_BATCH, epochs=1)
    seconds = {}
    for count in (500, 1000, 2000):
        data = _create_data(count)
        rate = _run_engine(replace(config, seed=count), data, scratch / f"growth-{count}")
        seconds[count] = count / rate
    return [
        Row(f"an epoch of half over {count:,} pictures", value, "s",
            f"{count // 500} times that over 500", seconds[500] * count / 500, "about 1")
        for count, value in seconds.items()
    ]  # fmt: skip


def _create_data(count: int) -> TrainingData:
    """Return pictures of noise, so that nothing but their number differs."""
    sizes = np.full((count, 2), 256, np.int64)
    shape = 256 * 256 * 3
    pixels = np.random.default_rng(0).integers(0, 255, count * shape, np.uint8)
    items = tuple(Item(f"{i % 5}/{i}.png", str(i % 5), f"{i:064d}") for i in range(count))
    train_side = Pixels(items, pixels, np.arange(count) * shape, sizes, ())
    few = Pixels(items[:5], pixels, np.arange(5) * shape, sizes[:5], ())
    classes = tuple("01234")
    summary = {"name": "noise", "fingerprint": str(count), "train": {}, "validation": {}}
    return TrainingData(train_side, few, classes, summary)
