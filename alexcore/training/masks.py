"""Where the creature is in each training crop, and how much of a layer's answer lies off it."""

from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torchvision.transforms.v2 import functional as transforms

from alexcore.datasets.creatures import SETS, draw_parts, drawing_on_all_cores, find_drawn
from alexcore.datasets.folder import OnProgress
from alexcore.datasets.pixel_cache import Bytes, Pixels
from alexcore.errors import TrainingError

SIDE = 64
"""Of a mask, in pixels: about five to each position of the last convolution."""


def require_masks(drawn: str) -> None:
    """Refuse what is not a drawn set.

    Raises:
        TrainingError: There are no masks of its pictures.
    """
    if drawn not in SETS:
        raise TrainingError(
            f"focus needs masks, which only {', '.join(SETS)} have; leave it at 0 for {drawn}."
        )


def draw_masks(pixels: Pixels, drawn: str, on_progress: OnProgress | None = None) -> Tensor:
    """Draw where the creature is in each picture of a set.

    Args:
        pixels: Square pictures, as ``create_creatures`` names them.
        drawn: The set's name.
        on_progress: Called with (masks drawn, masks in all).

    Returns:
        (N, SIDE, SIDE) uint8, 255 on the creature.

    Raises:
        DatasetError: A picture's name is no drawn one's.
    """
    masks = np.empty((len(pixels), SIDE, SIDE), np.uint8)
    wanted = [find_drawn(Path(item.path)) for item in pixels.items]
    with drawing_on_all_cores(partial(_draw_mask, drawn=drawn), wanted) as drawings:
        for index, mask in enumerate(drawings):
            masks[index] = mask
            if on_progress is not None:
                on_progress(index + 1, len(masks))
    return torch.from_numpy(masks)


def _draw_mask(species: str, seed: int, drawn: str) -> Bytes:
    return draw_parts(species, seed, SIDE, drawn)["creature"].astype(np.uint8) * 255


def cut_masks(masks: Tensor, boxes: Tensor, mirrored: Tensor) -> Tensor:
    """Cut the masks as their pictures were cut.

    Args:
        masks: (B, SIDE, SIDE) uint8, from ``draw_masks``.
        boxes: Top, left, height and width of each crop as shares of its picture, (B, 4).
        mirrored: Whether each is mirrored, bool (B,).

    Returns:
        (B, SIDE, SIDE) float32: how much of each cell the creature covers, in [0, 1].
    """
    corners = (boxes * SIDE).round().int().tolist()
    cut = [
        transforms.resized_crop(mask[None], *box, [SIDE, SIDE])
        for mask, box in zip(masks, corners, strict=True)
    ]
    cells = torch.cat([masks.new_empty(0, SIDE, SIDE), *cut]).float() / 255
    return torch.where(mirrored[:, None, None], cells.flip(2), cells)


def measure_stray(maps: Tensor, creature: Tensor) -> Tensor:
    """Return the share of a convolution's answers, rectified, that lies off the creature.

    Of answers of either sign a net learns to give the negative ones there, which no layer sees.

    Args:
        maps: (B, C, H, W).
        creature: How much of each cell it covers, (B, SIDE, SIDE) in [0, 1].

    Returns:
        (B,) in [0, 1].
    """
    answers = maps.float().relu().sum(1)
    _, high, wide = answers.shape
    off = 1 - functional.adaptive_avg_pool2d(creature, (high, wide))
    return (answers * off).sum((1, 2)) / answers.sum((1, 2)).clamp_min(1e-12)
