"""Crops of decoded pictures, cut on the device where all pixels fit there."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.datasets.pixel_cache import Pixels

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
