"""A contact sheet: some pictures of each drawn set, plain and with the outlines of their masks."""

import io
import textwrap
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import binary_erosion

from alexcore.datasets.creatures.drawing import OnProgress
from alexcore.datasets.creatures.parts import Masks, mask_parts
from alexcore.datasets.creatures.sets import SETS

_SIDE, _GAP, _LINE = 224, 6, 16
_PART, _CREATURE = (255, 255, 255), (255, 214, 0)


def create_sheet(per_set: int = 10, on_progress: OnProgress | None = None) -> Image.Image:
    """Return a sheet of two rows a set, its species in turn: pictures, and below their masks.

    White lines are outlines of parts, yellow ones the creature's; a creature's parts are named.

    Args:
        per_set: Pictures of each set.
        on_progress: Called with (pictures done, pictures in all).
    """
    step, row = _SIDE + _GAP, 2 * _SIDE + _GAP + 3 * _LINE
    sheet = Image.new("RGB", (per_set * step, len(SETS) * row), "#ffffff")
    for done, (line, column, plain, masks) in enumerate(_draw(per_set), start=1):
        corner = (column * step, line * row + _LINE)
        sheet.paste(plain, corner)
        sheet.paste(outline_masks(plain, masks), (corner[0], corner[1] + _SIDE + _GAP))
        text = "\n".join(textwrap.wrap(", ".join(_list_own(masks)), 38))
        ImageDraw.Draw(sheet).text((corner[0], corner[1] + 2 * _SIDE + _GAP), text, "#333333")
        if on_progress is not None:
            on_progress(done, per_set * len(SETS))
    for line, name in enumerate(SETS):
        ImageDraw.Draw(sheet).text((0, line * row + 2), name, "#000000")
    return sheet


def outline_masks(picture: Image.Image, masks: Masks) -> Image.Image:
    """Return the picture with a line along every mask's edge, the creature's in yellow.

    Args:
        picture: RGB.
        masks: Boolean, of the picture's size, ``"creature"`` among them.
    """
    pixels = np.array(picture)
    for name in sorted(masks, key=lambda name: name == "creature"):  # the creature's lie on top
        mask = masks[name]
        edge = mask & ~binary_erosion(mask, border_value=1)
        pixels[edge] = _CREATURE if name == "creature" else _PART
    return Image.fromarray(pixels)


def _list_own(masks: Masks) -> list[str]:
    """Return the names of the creature's visible parts."""
    whole = masks["creature"]
    return [n for n, m in masks.items() if m is not whole and m.any() and not (m & ~whole).any()]


def _draw(per_set: int) -> Iterator[tuple[int, int, Image.Image, Masks]]:
    """Yield row, column, picture and masks."""
    for line, drawn in enumerate(SETS.values()):
        for column in range(per_set):
            scene = drawn.compose(drawn.species[column % len(drawn.species)], column)
            picture = Image.open(io.BytesIO(scene.to_png(_SIDE))).convert("RGB")
            yield line, column, picture, mask_parts(scene, _SIDE)
