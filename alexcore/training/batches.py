"""Batches: decoded pixels -> x and y on the device, at random to train and centred to judge."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from alexcore.datasets.pixel_cache import Pixels
from alexcore.images.preprocessing import Preprocessing, normalise
from alexcore.runs.config import TrainConfig
from alexcore.runs.schedule import compute_colour_noise
from alexcore.training.colours import draw_colours
from alexcore.training.crops import create_cropper, create_resizing_cropper, draw_boxes, find_boxes
from alexcore.training.masks import cut_masks

_BATCH = 64
"""Pictures judged at a time."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one process does of every batch.

    Attributes:
        device: Where it computes.
        rank: Which process this is of ``world``.
        world: How many processes there are.
    """

    device: torch.device
    rank: int = 0
    world: int = 1


def iterate_training(
    pixels: Pixels,
    targets: Tensor,
    config: TrainConfig,
    epoch: int,
    share: Share,
    masks: Tensor | None = None,
) -> Iterator[tuple[Tensor, Tensor, int, Tensor | None]]:
    """Cut the batches of one epoch; order and crops follow from (seed, epoch) alone.

    Args:
        pixels: Decoded training pictures.
        targets: Their classes, int64 (N,).
        config: The run's configuration.
        epoch: Counted from 1.
        share: What this process takes of every global batch, and where x is made.
        masks: Where the creature is in each picture, from ``draw_masks``.

    Yields:
        x (B, 3, crop, crop) float32, y (B,) int64, the size of the global batch, and the masks cut
        as x is, from ``cut_masks``, None where there are none.
    """
    rng = np.random.default_rng([config.seed, epoch])
    order = rng.permutation(len(pixels))
    places = rng.random((len(pixels), 2))
    mirrored = rng.random(len(pixels)) < 0.5
    noise = compute_colour_noise(config, epoch)
    colours = draw_colours(rng, replace(config, colour_noise=noise), len(pixels))
    if config.scale_min < 1:
        cut = create_resizing_cropper(pixels, config.crop, share.device)
        places = draw_boxes(rng, pixels.sizes, config.scale_min)
    else:
        cut = create_cropper(pixels, config.crop, share.device)
    whole = config.batch_size * share.world
    for start in range(0, len(order), whole):
        chunk = order[start : start + whole]
        mine = chunk[share.rank :: share.world]
        squares = cut(mine.tolist(), places[mine])
        if config.flip:  # of bytes, and of those alone that are mirrored: a thirtieth of the time
            turned = torch.from_numpy(np.flatnonzero(mirrored[mine])).to(share.device)
            squares[turned] = squares[turned].flip(2)
        x = colours.apply(normalise(squares, config.preprocessing), mine)
        rows, creature = torch.from_numpy(mine), None
        if masks is not None:
            boxes = torch.from_numpy(find_boxes(pixels, mine.tolist(), places[mine], config.crop))
            flipped = torch.from_numpy(mirrored[mine] & config.flip)
            creature = cut_masks(masks[rows], boxes, flipped).to(share.device)
        yield x, targets[rows].to(share.device), len(chunk), creature


def iterate_squares(
    pixels: Pixels, preprocessing: Preprocessing, device: torch.device
) -> Iterator[Tensor]:
    """Yield the middles of the pictures, in order, uint8 (B, resize, resize, 3) on a device.

    They are those of ``crop_square``: their centre is what ``iterate_centre`` cuts.
    """
    side, margin = preprocessing.resize, preprocessing.corners[-1][0]
    for start in range(0, len(pixels), _BATCH):
        rows = range(start, min(start + _BATCH, len(pixels)))
        corners = pixels.find_corners(rows, np.full((len(rows), 2), 0.5), preprocessing.crop)
        squares = [
            pixels.get(row)[top : top + side, left : left + side]
            for row, (top, left) in zip(rows, corners - margin, strict=True)
        ]
        yield torch.from_numpy(np.stack(squares)).to(device)


def iterate_centre(
    pixels: Pixels, targets: Tensor, preprocessing: Preprocessing, share: Share
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the centre crops of this process's share of the pictures, in order.

    Yields:
        x (B, 3, crop, crop) float32 and y (B,) int64.
    """
    mine = range(share.rank, len(pixels), share.world)
    for start in range(0, len(mine), _BATCH):
        rows = list(mine[start : start + _BATCH])
        squares = pixels.crop(rows, np.full((len(rows), 2), 0.5), preprocessing.crop)
        yield (
            normalise(torch.from_numpy(squares).to(share.device), preprocessing),
            targets[rows].to(share.device),
        )
