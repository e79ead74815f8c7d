"""Crops of decoded pictures, cut on the device where all pixels fit there."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from alexcore.datasets.pixel_cache import Pixels

Places = npt.NDArray[np.float64]
Cropper = Callable[[Sequence[int], Places], Tensor]
"""(B pictures, where each is cut) -> uint8 (B, side, side, 3) on the device.

Where is corners (B, 2) in [0, 1] for crops of one size, boxes (B, 4) of ``draw_boxes`` for others.
"""

_RATIOS = (3 / 4, 4 / 3)
_TRIES = 10


def create_cropper(pixels: Pixels, side: int, device: torch.device) -> Cropper:
    """Return what cuts training crops: on a GPU that has room, from pixels that stay there."""
    if device.type == "cuda" and pixels.data.nbytes < torch.cuda.mem_get_info(device)[0] / 2:
        return create_resident_cropper(pixels, side, device)
    return lambda rows, corners: torch.from_numpy(pixels.crop(rows, corners, side)).to(device)


def create_resident_cropper(pixels: Pixels, side: int, device: torch.device) -> Cropper:
    """Copy all pixels to the device and cut there, one gather a batch."""
    flat = torch.from_numpy(np.array(pixels.data)).to(device).view(-1, 3)
    reach = torch.arange(side, device=device)

    def cut(rows: Sequence[int], corners: Places) -> Tensor:
        chosen = list(rows)
        widths = pixels.sizes[chosen, 1]
        top, left = pixels.find_corners(chosen, corners, side).T
        starts = torch.from_numpy(pixels.offsets[chosen] // 3 + top * widths + left).to(device)
        lines = reach[None, :] * torch.from_numpy(widths).to(device)[:, None]  # (B, side)
        return flat[starts[:, None, None] + lines[:, :, None] + reach]  # (B, side, side, 3)

    return cut


def create_resizing_cropper(pixels: Pixels, side: int, device: torch.device) -> Cropper:
    """Return what cuts boxes and scales each to ``side``, as torchvision's ``resized_crop``."""

    def cut(rows: Sequence[int], boxes: Places) -> Tensor:
        batch = torch.empty(len(rows), side, side, 3, dtype=torch.uint8)
        for index, row in enumerate(rows):
            top, left, height, width = boxes[index].astype(int)
            box = pixels.get(row)[top : top + height, left : left + width]
            # A copy: torch's quick path for bytes wants whole rows, and no read-only memory.
            picture = torch.from_numpy(np.array(box)).permute(2, 0, 1)
            batch[index] = transforms.resize(picture, [side, side]).permute(1, 2, 0)
        return batch.to(device)

    return cut


def draw_boxes(rng: np.random.Generator, sizes: npt.NDArray[np.int64], scale_min: float) -> Places:
    """Draw a box in each picture as torchvision's ``RandomResizedCrop`` does.

    Its area is between ``scale_min`` and 1 of the picture's, its width over its height between 3/4
    and 4/3, evenly in the logarithm; where ten tries do not fit, it is the largest in the middle.

    Args:
        rng: Drawn from as often whatever the sizes.
        sizes: Height and width of each picture, int64 (N, 2).
        scale_min: In (0, 1].

    Returns:
        Top, left, height and width in whole pixels, (N, 4).
    """
    count = len(sizes)
    high, wide = sizes.T[:, :, None]  # (N, 1) each
    area = high * wide * rng.uniform(scale_min, 1, (count, _TRIES))
    narrow, broad = np.log(_RATIOS)
    ratio = np.exp(rng.uniform(narrow, broad, (count, _TRIES)))
    heights, widths = np.rint(np.sqrt(area / ratio)), np.rint(np.sqrt(area * ratio))
    fits = (heights <= high) & (widths <= wide)
    first, any_fits = fits.argmax(1), fits.any(1)
    rows = np.arange(count)
    high, wide = high[:, 0], wide[:, 0]
    height = np.where(any_fits, heights[rows, first], np.minimum(high, np.rint(wide / _RATIOS[0])))
    width = np.where(any_fits, widths[rows, first], np.minimum(wide, np.rint(high * _RATIOS[1])))
    slack = sizes - np.stack([height, width], 1)
    places = np.floor(rng.random((count, 2)) * (slack + 1))
    top, left = np.where(any_fits[:, None], places, slack // 2).T
    return np.stack([top, left, height, width], 1)


def find_boxes(pixels: Pixels, rows: Sequence[int], places: Places, side: int) -> Places:
    """Return top, left, height and width of each crop as shares of its picture, (B, 4).

    Args:
        pixels: The pictures.
        rows: B of them.
        places: Where each is cut: corners (B, 2) or boxes (B, 4), as a ``Cropper`` takes them.
        side: Of crops of one size, in pixels.
    """
    if places.shape[1] == 2:
        corners = pixels.find_corners(rows, places, side)
        places = np.hstack([corners, np.full_like(corners, side)])
    return places / np.tile(pixels.sizes[list(rows)], 2)
