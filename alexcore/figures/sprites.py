"""Feature maps as one picture: all channels of a layer in a grid, crisp pixels, one file."""

import io
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from alexcore.figures.palette import create_lookup

Maps = npt.NDArray[np.float32]
Scaling = Literal["unit", "layer"]

SEQUENTIAL, SIGNED = "Inferno", "RdBu_r"
_TOP, _SILENT, _GAP = 253, 254, 255
_GREY = (128, 134, 145)


@dataclass(frozen=True, slots=True)
class Grid:
    """Where each channel stands in a sprite.

    Attributes:
        columns: Channels a row.
        rows: Rows of channels.
        cell: Side of a map in sprite pixels.
        gap: Pixels between maps.
    """

    columns: int
    rows: int
    cell: int
    gap: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the sprite in pixels."""
        step = self.cell + self.gap
        return self.columns * step - self.gap, self.rows * step - self.gap

    def to_dict(self, count: int) -> dict[str, int]:
        """Return where ``count`` tiles lie, as ``tiles.js`` reads it."""
        width, height = self.size
        return {
            "columns": self.columns,
            "count": count,
            "step": self.cell + self.gap,
            "cell": self.cell,
            "width": width,
            "height": height,
        }


def plan_grid(channels: int, side: int, width: int = 1400) -> Grid:
    """Choose a grid about twice as wide as high, its maps scaled by a whole number.

    Args:
        channels: How many maps.
        side: Side of each in cells.
        width: About how wide the sprite should be, in pixels.
    """
    columns = max(1, min(channels, math.ceil(math.sqrt(channels * 2.0))))
    gap = 3
    zoom = max(1, (width // columns - gap) // side)
    return Grid(columns, math.ceil(channels / columns), side * zoom, gap)


@dataclass(frozen=True, slots=True)
class ColourScale:
    """How values become colours.

    Attributes:
        signed: Red for positive and blue for negative values, white at 0; else dark to bright.
        scaling: By each channel's own range (unit) or by the layer's (layer).
        gamma: Exponent; below 1 lifts faint values. Sign is kept.
        limits: (low, high) to use in place of a range of the maps; beyond is clipped.
    """

    signed: bool = False
    scaling: Scaling = "unit"
    gamma: float = 1.0
    limits: tuple[float, float] | None = None

    @property
    def table(self) -> npt.NDArray[np.uint8]:
        """The colours of 0 to 1, (256, 3) uint8."""
        return create_lookup(SIGNED if self.signed else SEQUENTIAL)

    def scale(self, maps: Maps) -> Maps:
        """Bring maps (C, H, W) float32 to [0, 1]; 0 comes to 0.5 when signed.

        A constant map becomes 0, or 0.5 when signed.
        """
        axes = (1, 2) if self.scaling == "unit" else (0, 1, 2)
        if self.limits is not None:
            low, high = (np.full((1, 1, 1), value, np.float32) for value in self.limits)
        else:
            low = maps.min(axis=axes, keepdims=True)
            high = maps.max(axis=axes, keepdims=True)
        if self.signed:
            reach = np.maximum(np.abs(low), np.abs(high))
            share = np.divide(maps, reach, out=np.zeros_like(maps), where=reach > 0).clip(-1, 1)
            return np.asarray((np.sign(share) * np.abs(share) ** self.gamma + 1) / 2, np.float32)
        reach = high - low
        share = np.divide(maps - low, reach, out=np.zeros_like(maps), where=reach > 0).clip(0, 1)
        return np.asarray(share if self.gamma == 1.0 else share**self.gamma, np.float32)


_PLAIN = ColourScale()


def create_sprite(
    maps: Maps,
    grid: Grid,
    scale: ColourScale = _PLAIN,
    silent: npt.NDArray[np.bool_] | None = None,
) -> Image.Image:
    """Draw all channels in one palette picture, transparent between them.

    Args:
        maps: (C, H, W) float32 with H = W, in the order they are to appear.
        grid: From ``plan_grid``.
        scale: Of the values.
        silent: (C,) channels to paint in one flat grey.
    """
    channels, side, _ = maps.shape
    levels = np.rint(scale.scale(maps) * _TOP).astype(np.uint8)
    if silent is not None:
        levels[silent] = _SILENT
    zoom, step = grid.cell // side, grid.cell + grid.gap
    canvas = np.full((grid.rows * step, grid.columns * step), _GAP, np.uint8)
    tiles = levels.repeat(zoom, axis=1).repeat(zoom, axis=2)
    for index in range(channels):
        row, column = divmod(index, grid.columns)
        top, left = row * step, column * step
        canvas[top : top + grid.cell, left : left + grid.cell] = tiles[index]
    width, height = grid.size
    image = Image.fromarray(canvas[:height, :width]).convert("P")
    colours = scale.table[np.rint(np.linspace(0, 255, _TOP + 1)).astype(np.int64)].ravel().tolist()
    image.putpalette([*colours, *_GREY, 0, 0, 0])
    image.info["transparency"] = _GAP
    return image


def create_heatmap(
    values: npt.NDArray[np.float32], side: int, signed: bool = False, gamma: float = 1.0
) -> Image.Image:
    """Draw one (H, W) map at about ``side`` pixels with crisp cells."""
    height = values.shape[0]
    grid = Grid(1, 1, height * max(1, side // height), 0)
    return create_sprite(values[None], grid, ColourScale(signed, gamma=gamma))


def create_overlay(
    picture: npt.NDArray[np.uint8], values: npt.NDArray[np.float32], signed: bool = False
) -> Image.Image:
    """Lay a map over the picture it was computed from, smoothly enlarged and half transparent.

    Args:
        picture: (S, S, 3) uint8.
        values: (H, W) float32; scaled by its own range, 0 in the middle when signed.
        signed: See ``ColourScale``.
    """
    size = (picture.shape[1], picture.shape[0])
    scale = ColourScale(signed)
    level = scale.scale(values[None])[0]
    smooth = np.asarray(Image.fromarray(level).resize(size, Image.Resampling.BICUBIC)).clip(0, 1)
    colours = scale.table[np.rint(smooth * 255).astype(np.int64)]
    weight = np.abs(smooth - 0.5)[..., None] * 1.5 if signed else 0.2 + 0.55 * smooth[..., None]
    grey = picture.mean(axis=2, keepdims=True).repeat(3, axis=2)
    mixed = grey * (1 - weight) + colours * weight
    return Image.fromarray(np.rint(mixed).clip(0, 255).astype(np.uint8))


def create_projection(values: npt.NDArray[np.float32]) -> Image.Image:
    """Draw signed colours (3, H, W) around a middle grey, by their own largest absolute value."""
    reach = float(np.abs(values).max()) or 1.0
    return Image.fromarray(
        np.rint(127.5 + 127.5 / reach * values.transpose(1, 2, 0)).astype(np.uint8)
    )


def create_colours(values: npt.NDArray[np.float32], side: int) -> Image.Image:
    """Draw colours (H, W, 3) in [0, 1] at about ``side`` pixels with crisp cells."""
    zoom = max(1, side // values.shape[0])
    pixels = np.rint(values * 255).astype(np.uint8)
    return Image.fromarray(pixels.repeat(zoom, axis=0).repeat(zoom, axis=1))


def encode_png(image: Image.Image) -> bytes:
    """Return a PNG file of the picture; fast rather than small."""
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()
