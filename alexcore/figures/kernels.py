"""The first layer's kernels as a wall of small pictures: the paper's figure 3."""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image


def create_kernel_wall(
    weights: npt.NDArray[np.float32], columns: int = 16, zoom: int = 5
) -> Image.Image:
    """Draw kernels over red, green and blue as colour pictures, each over its own range.

    Args:
        weights: (C, 3, K, K) float32.
        columns: Kernels a row.
        zoom: Pixels a weight.

    Returns:
        RGBA, transparent between the kernels. A constant kernel is mid grey.
    """
    count, _, side, _ = weights.shape
    low = weights.min(axis=(1, 2, 3), keepdims=True)
    reach = weights.max(axis=(1, 2, 3), keepdims=True) - low
    scaled = np.divide(weights - low, reach, out=np.full_like(weights, 0.5), where=reach > 0)
    tiles = np.rint(scaled * 255).astype(np.uint8).transpose(0, 2, 3, 1)
    tiles = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    columns = min(columns, count)
    cell, gap = side * zoom, 4
    step, rows = cell + gap, math.ceil(count / columns)
    wall = np.zeros((rows * step - gap, columns * step - gap, 4), np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * step, index % columns * step
        wall[top : top + cell, left : left + cell, :3] = tile
        wall[top : top + cell, left : left + cell, 3] = 255
    return Image.fromarray(wall)
