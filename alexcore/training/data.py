"""The pictures of a run: the sides of the split as decoded pixels, and their classes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from alexcore.datasets.folder import OnProgress, count_by_class, scan_folder
from alexcore.datasets.pixel_cache import Pixels, load_pixels
from alexcore.datasets.split import split_listing
from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.training.masks import draw_masks, require_masks


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a run reads.

    Attributes:
        train: Decoded training pictures.
        validation: Decoded validation pictures, none of them a copy of a training picture.
        classes: Labels in the order of the outputs.
        summary: What ``run.json`` keeps: name, fingerprint, counts, duplicates, unreadable, and
            how many near copies were held together, None where they were not looked for.
        test: Decoded pictures that neither train nor choose anything, where there are some.
        masks: Where the creature is in each training picture, from ``draw_masks``, where the run
            asks for them.
    """

    train: Pixels
    validation: Pixels
    classes: tuple[str, ...]
    summary: dict[str, Any]
    test: Pixels | None = None
    masks: Tensor | None = None


def prepare_data(
    root: Path,
    config: TrainConfig,
    cache: Path,
    on_progress: OnProgress | None = None,
    test: Path | None = None,
) -> TrainingData:
    """Scan, split and decode a folder of pictures, or map what an earlier run decoded.

    Args:
        root: The folder that is split into training and validation.
        config: The run's configuration.
        cache: Folder of the decoded caches.
        on_progress: Called with (pictures decoded, pictures in all) of each side.
        test: The folder of the test side, from ``open_test``.

    Raises:
        DatasetError: A folder is missing, empty, of one class, or unreadable.
        TrainingError: There are fewer training pictures than one batch holds, or there are no
            masks of them where ``focus`` needs some.
    """
    if config.focus:
        require_masks(root.name)
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
    held_back = load_test(test, config.resize, cache, on_progress) if test else None
    masks = draw_masks(train, root.name, on_progress) if config.focus else None
    return TrainingData(train, validation, listing.classes, summary, held_back, masks)


def load_test(
    folder: Path, resize: int, cache: Path, on_progress: OnProgress | None = None
) -> Pixels:
    """Decode a test side, or map what was decoded before.

    Raises:
        DatasetError: The folder is missing, empty or unreadable.
    """
    return load_pixels(folder, scan_folder(folder).items, resize, cache, on_progress)


def create_targets(pixels: Pixels, classes: tuple[str, ...]) -> Tensor:
    """Return the class index of each picture, int64 (N,)."""
    index = {label: i for i, label in enumerate(classes)}
    return torch.tensor([index[item.label] for item in pixels.items])
