"""Where a net's crops lie in a picture."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from alexcore.figures.palette import CLASS_COLOURS

_ZOOM, _LINE = 2, 5


def draw_crops(
    square: npt.NDArray[np.uint8], corners: Sequence[tuple[int, int]], side: int
) -> Image.Image:
    """Frame crops, each in a colour of its own.

    Of two that share an edge of the picture one stands a line's width within the other.

    Args:
        square: What the crops are cut from, (S, S, 3) uint8.
        corners: Top and left of each, at most eight.
        side: Of all, in pixels.

    Returns:
        Twice as large as ``square``.
    """
    whole = len(square) * _ZOOM
    image = Image.fromarray(square).resize((whole, whole), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    for place, (top, left) in enumerate(corners):
        inset, end = _LINE * (top != left), side * _ZOOM - 1
        x, y = left * _ZOOM, top * _ZOOM
        box = (x + inset, y + inset, x + end - inset, y + end - inset)
        draw.rectangle(box, outline=CLASS_COLOURS[place], width=_LINE)
    return image
