"""A picture with parts covered, turned and shifted by hand, and what the net then says.

(pixels, PictureChange) -> ``change_pixels`` -> the pixels a net receives; ``change_picture`` runs
them as any picture, ``compute_curve`` many moves of one. By hand what figures 5 and 7 of Zeiler and
Fergus do, https://arxiv.org/abs/1311.2901.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageFilter
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from alexcore.errors import AlexcoreError
from alexcore.features.ablation import to_probabilities
from alexcore.images.preprocessing import Preprocessing
from alexcore.inference.model import Inference, Lock, infer

Pixels = npt.NDArray[np.uint8]
Fill = Literal["grey", "blur", "noise"]
Way = Literal["angle", "right", "down"]
"""The fields of ``Move``."""

MAX_POINTS = 4000
"""Points of all strokes together; each costs a part of a millisecond."""

_BLUR = 20
_BATCH = 8


@dataclass(frozen=True, slots=True)
class Stroke:
    """A part that is covered, in shares of the picture's sides.

    Attributes:
        points: (x, y) in [0, 1] from the upper left corner, along the line of a brush.
        width: Of the brush; 0 covers the rectangle that the points span.
    """

    points: tuple[tuple[float, float], ...]
    width: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what lies outside the picture, and rectangles of one point."""
        numbers = [self.width, *(number for point in self.points for number in point)]
        if len(self.points) < (1 if self.width else 2) or not all(0 <= n <= 1 for n in numbers):
            raise ValueError(f"got {self}; points and width lie in [0, 1], two make a rectangle.")


@dataclass(frozen=True, slots=True)
class Cover:
    """What is covered, and with what.

    Attributes:
        strokes: The parts.
        fill: The net's mean grey, the picture itself blurred, or noise of a fixed seed.
    """

    strokes: tuple[Stroke, ...] = ()
    fill: Fill = "grey"


@dataclass(frozen=True, slots=True)
class Move:
    """How a picture is turned about its middle and then shifted.

    Attributes:
        angle: Degrees clockwise.
        right: Pixels.
        down: Pixels.
    """

    angle: float = 0.0
    right: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class PictureChange:
    """A cover, and a move of the covered picture."""

    cover: Cover = Cover()
    move: Move = Move()


def read_strokes(text: str) -> tuple[Stroke, ...]:
    """Return the strokes of a text as links have it, ``WIDTH.X.Y.X.Y_WIDTH.X.Y``.

    Args:
        text: Whole thousandths of the sides; empty for none.

    Raises:
        AlexcoreError: It is no such text, or has more points than ``MAX_POINTS``.
    """
    if text.count(".") > 2 * MAX_POINTS:
        raise AlexcoreError(f"more than {MAX_POINTS:,} points are drawn. Undo some, or clear all.")
    strokes = []
    try:
        for part in filter(None, text.split("_")):
            width, *places = (int(number) / 1000 for number in part.split("."))
            points = tuple(zip(places[::2], places[1::2], strict=True))
            strokes.append(Stroke(points, width))
    except ValueError as error:
        raise AlexcoreError("what this link covers cannot be read. Clear it, and draw.") from error
    return tuple(strokes)


def create_mask(strokes: Sequence[Stroke], side: int) -> npt.NDArray[np.bool_]:
    """Return which pixels are covered, (side, side): those whose middle lies in a stroke."""
    mask = np.zeros((side, side), np.bool_)
    for stroke in strokes:
        points = side * np.array(stroke.points)  # (P, 2) in pixels
        if not stroke.width:
            mask[_find_box(points, 0.0, side)] = True
            continue
        reach = side * stroke.width / 2
        for start, end in zip([points[0], *points], points, strict=False):
            box = _find_box(np.stack([start, end]), reach, side)
            rows, columns = np.ogrid[box]
            y, x, (across, along) = rows + 0.5 - start[1], columns + 0.5 - start[0], end - start
            share = (x * across + y * along) / max(across**2 + along**2, 1e-12)
            share = share.clip(0, 1)  # where on the piece of line the nearest point lies
            mask[box] |= (x - share * across) ** 2 + (y - share * along) ** 2 <= reach**2
    return mask


def _find_box(points: npt.NDArray[np.float64], reach: float, side: int) -> tuple[slice, slice]:
    """Return the rows and columns of the pixels whose middle is between points (P, 2), or near."""
    low, high = points.min(0) - reach, points.max(0) + reach
    columns, rows = (
        slice(max(ceil(first - 0.5), 0), min(floor(last - 0.5) + 1, side))
        for first, last in zip(low, high, strict=True)
    )
    return rows, columns


def get_mean_grey(preprocessing: Preprocessing) -> tuple[int, int, int]:
    """Return the 8-bit colour that a net reads as 0: ImageNet's mean, for most."""
    red, green, blue = (round(255 * mean) for mean in preprocessing.mean)
    return red, green, blue


def change_pixels(pixels: Pixels, change: PictureChange, preprocessing: Preprocessing) -> Pixels:
    """Return the pixels (crop, crop, 3) with parts covered, then turned and shifted.

    Args:
        pixels: What a net receives, (crop, crop, 3) uint8; left as they are.
        change: What is done to them.
        preprocessing: Of the net, whose mean grey comes in from outside.
    """
    grey = get_mean_grey(preprocessing)
    return _move(_cover(pixels, change.cover, grey), change.move, grey)


def _cover(pixels: Pixels, cover: Cover, grey: tuple[int, int, int]) -> Pixels:
    mask = create_mask(cover.strokes, len(pixels))
    if cover.fill == "grey":
        filled = np.array(grey, np.uint8)
    elif cover.fill == "blur":
        blur = ImageFilter.GaussianBlur(len(pixels) / _BLUR)
        filled = np.asarray(Image.fromarray(pixels).filter(blur))
    else:
        filled = np.random.default_rng(0).integers(0, 256, pixels.shape, np.uint8)
    return np.where(mask[..., None], filled, pixels)


def _move(pixels: Pixels, move: Move, grey: tuple[int, int, int]) -> Pixels:
    image = torch.from_numpy(pixels.copy()).permute(2, 0, 1)  # (3, crop, crop)
    moved = functional.affine(
        image, move.angle, [move.right, move.down], 1.0, [0.0, 0.0],
        InterpolationMode.BILINEAR, list(grey),
    )  # fmt: skip
    return np.ascontiguousarray(moved.permute(1, 2, 0).numpy())


def change_picture(inference: Inference, change: PictureChange, lock: Lock) -> Inference:
    """Return what the model computes for a changed picture.

    Where the change leaves every pixel as it is, the inference itself.

    Args:
        inference: Of the picture as it is; its ten crops are not changed.
        change: What is done to the pixels the net receives.
        lock: Held while the device computes.

    Raises:
        AlexcoreError: The device has no memory for it, or is gone.
    """
    model, picture = inference.model, inference.picture
    pixels = change_pixels(picture.pixels, change, model.source.preprocessing)
    if np.array_equal(pixels, picture.pixels):
        return inference
    changed, key = replace(picture, pixels=pixels), f"{inference.key} {change}"
    return infer(model, changed, lock, inference.name, key)


def compute_curve(
    inference: Inference,
    cover: Cover,
    moves: Sequence[Move],
    lock: Lock,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> npt.NDArray[np.float32]:
    """Return the classes' probabilities (N, K) for each of N moves of a covered picture.

    Args:
        inference: Of the picture as it is.
        cover: Laid over it before it is moved.
        moves: One pass each.
        lock: Held for each batch alone.
        on_progress: Called with (moves done, moves in all).

    Raises:
        AlexcoreError: The device has no memory for it, or is gone.
    """
    model = inference.model
    grey = get_mean_grey(model.source.preprocessing)
    covered = _cover(inference.picture.pixels, cover, grey)
    answer, logits = model.create_embedder(list(model.names)[-1], lock), []
    for start in range(0, len(moves), _BATCH):
        batch = moves[start : start + _BATCH]
        logits.append(answer(np.stack([_move(covered, move, grey) for move in batch])))
        on_progress(start + len(batch), len(moves))
    return to_probabilities(np.concatenate(logits))
