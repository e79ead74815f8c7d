"""The data of a run: both sides of the split as decoded pixels, and batches cut from them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.datasets.folder import OnProgress, count_by_class, scan_folder
from alexcore.datasets.pixel_cache import Pixels, load_pixels
from alexcore.datasets.split import split_listing
from alexcore.errors import TrainingError
from alexcore.images.preprocessing import Preprocessing, normalise
from alexcore.runs.config import TrainConfig

_PCA_VALUES = (0.2175, 0.0188, 0.0045)
_PCA_VECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)
"""Principal components of ImageNet's colours in [0, 1], as published with fb.resnet.torch."""


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a run reads.

    Attributes:
        train: Decoded training pictures.
        validation: Decoded validation pictures, none of them a copy of a training picture.
        classes: Labels in the order of the outputs.
        summary: What ``run.json`` keeps: name, fingerprint, counts, duplicates, unreadable, and
            how many near copies were held together, None where they were not looked for.
    """

    train: Pixels
    validation: Pixels
    classes: tuple[str, ...]
    summary: dict[str, Any]


def prepare_data(
    root: Path, config: TrainConfig, cache: Path, on_progress: OnProgress | None = None
) -> TrainingData:
    """Scan, split and decode a folder of pictures, or map what an earlier run decoded.

    Raises:
        DatasetError: The folder is missing, empty, of one class, or unreadable.
        TrainingError: There are fewer training pictures than one batch holds.
    """
    listing = scan_folder(root)
    split = split_listing(listing, config.split_rule, on_progress)
    train = load_pixels(root, split.train, config.resize, cache, on_progress)
    validation = load_pixels(root, split.validation, config.resize, cache, on_progress)
    if len(train) < config.batch_size:
        raise TrainingError(
            f"{root} gives {len(train)} training pictures, fewer than one batch of "
            f"{config.batch_size}. Add pictures or lower the batch size."
        )
    unreadable = train.unreadable + validation.unreadable
    summary = {
        "name": root.name,
        "fingerprint": listing.fingerprint,
        "train": count_by_class(train.items),
        "validation": count_by_class(validation.items),
        "duplicates": listing.duplicates,
        "in_two_classes": len(listing.conflicts),
        "near_copies": None if split.near_copies is None else len(split.near_copies),
        "unreadable": [list(pair) for pair in unreadable],
    }
    return TrainingData(train, validation, listing.classes, summary)


def create_targets(pixels: Pixels, classes: tuple[str, ...]) -> Tensor:
    """Return the class index of each picture, int64 (N,)."""
    index = {label: i for i, label in enumerate(classes)}
    return torch.tensor([index[item.label] for item in pixels.items])


def iterate_training(
    pixels: Pixels,
    targets: Tensor,
    config: TrainConfig,
    epoch: int,
    device: torch.device,
    rank: int = 0,
    world: int = 1,
) -> Iterator[tuple[Tensor, Tensor, int]]:
    """Cut the batches of one epoch; order and crops follow from (seed, epoch) alone.

    Args:
        pixels: Decoded training pictures.
        targets: Their classes, int64 (N,).
        config: The run's configuration.
        epoch: Counted from 1.
        device: Where x is made.
        rank: Which process this is of ``world``; each takes its share of every global batch.
        world: How many processes there are.

    Yields:
        x (B, 3, crop, crop) float32, y (B,) int64, and the size of the global batch.
    """
    rng = np.random.default_rng([config.seed, epoch])
    cut = create_cropper(pixels, config.crop, device)
    order = rng.permutation(len(pixels))
    corners = rng.random((len(pixels), 2))
    mirrored = rng.random(len(pixels)) < 0.5
    shifts = rng.normal(0.0, 1.0, (len(pixels), 3)) * config.colour_noise
    preprocessing = Preprocessing(config.crop, config.resize)
    whole = config.batch_size * world
    for start in range(0, len(order), whole):
        chunk = order[start : start + whole]
        mine = chunk[rank::world]
        x = normalise(cut(mine.tolist(), corners[mine]), preprocessing)
        if config.flip:
            flipped = torch.from_numpy(mirrored[mine]).to(device)
            x = torch.where(flipped[:, None, None, None], x.flip(3), x)
        if config.colour_noise:
            x = x + _colour_shift(shifts[mine], preprocessing, device)
        yield x, targets[torch.from_numpy(mine)].to(device), len(chunk)


def _colour_shift(
    amounts: np.ndarray, preprocessing: Preprocessing, device: torch.device
) -> Tensor:
    """Return (B, 3, 1, 1) to add to x: section 4.1 of the paper, equation for [I_R, I_G, I_B]."""
    vectors, values = np.array(_PCA_VECTORS), np.array(_PCA_VALUES)
    shift = (amounts * values) @ vectors.T / np.array(preprocessing.std)
    return torch.from_numpy(shift.astype(np.float32)).to(device)[:, :, None, None]


def iterate_centre(
    pixels: Pixels,
    targets: Tensor,
    preprocessing: Preprocessing,
    device: torch.device,
    rank: int = 0,
    world: int = 1,
    batch_size: int = 64,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the centre crops of this process's share of the pictures, in order.

    Yields:
        x (B, 3, crop, crop) float32 and y (B,) int64.
    """
    mine = range(rank, len(pixels), world)
    for start in range(0, len(mine), batch_size):
        rows = list(mine[start : start + batch_size])
        squares = pixels.crop(rows, np.full((len(rows), 2), 0.5), preprocessing.crop)
        yield (
            normalise(torch.from_numpy(squares).to(device), preprocessing),
            targets[rows].to(device),
        )


Cropper = Callable[[Sequence[int], npt.NDArray[np.float64]], Tensor]
"""(B pictures, corners (B, 2) in [0, 1]) -> uint8 (B, side, side, 3) on the device."""


def create_cropper(pixels: Pixels, side: int, device: torch.device) -> Cropper:
    """Return what cuts training crops: on a GPU that has room, from pixels that stay there."""
    if device.type == "cuda" and pixels.data.nbytes < torch.cuda.mem_get_info(device)[0] / 2:
        return create_resident_cropper(pixels, side, device)
    return lambda rows, corners: torch.from_numpy(pixels.crop(rows, corners, side)).to(device)


def create_resident_cropper(pixels: Pixels, side: int, device: torch.device) -> Cropper:
    """Copy all pixels to the device and cut there, one gather a batch."""
    flat = torch.from_numpy(np.array(pixels.data)).to(device).view(-1, 3)
    reach = torch.arange(side, device=device)

    def cut(rows: Sequence[int], corners: npt.NDArray[np.float64]) -> Tensor:
        chosen = list(rows)
        widths = pixels.sizes[chosen, 1]
        top, left = pixels.find_corners(chosen, corners, side).T
        starts = torch.from_numpy(pixels.offsets[chosen] // 3 + top * widths + left).to(device)
        lines = reach[None, :] * torch.from_numpy(widths).to(device)[:, None]  # (B, side)
        return flat[starts[:, None, None] + lines[:, :, None] + reach]  # (B, side, side, 3)

    return cut
