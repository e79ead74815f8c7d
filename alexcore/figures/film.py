"""A net through time as a film: a frame an epoch, written as GIF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _MARGIN, _CHANNEL, _BAR, _LINE = 760, 16, 220, 150, 26
_GROUND, _INK, _QUIET, _FILL = "#14171f", "#e6e9ef", "#8b93a1", "#56a4d8"


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn of one epoch.

    Attributes:
        title: Stands above.
        note: What the classes are of; stands above them.
        classes: Labels and their probabilities in [0, 1], in the order they are drawn.
        kernels: conv1's.
        channel: The chosen channel, large.
        grid: All channels of its layer.
    """

    title: str
    note: str
    classes: Sequence[tuple[str, float]]
    kernels: Image.Image
    channel: Image.Image
    grid: Image.Image


def draw_frame(frame: Frame) -> Image.Image:
    """Draw the channel, classes and kernels side by side, and the grid below, on dark ground."""
    side = _MARGIN + _CHANNEL + _MARGIN
    kernels = _fit(frame.kernels, _WIDTH - side - _MARGIN)
    grid = _fit(frame.grid, _WIDTH - 2 * _MARGIN)
    top = _MARGIN + 40
    below_classes = top + 24 + _LINE * len(frame.classes) + 10
    middle = max(top + _CHANNEL, below_classes + kernels.height) + _MARGIN
    sheet = Image.new("RGB", (_WIDTH, middle + grid.height + _MARGIN), _GROUND)
    pen, small = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    pen.text((_MARGIN, _MARGIN), frame.title, _INK, ImageFont.load_default(22))
    pen.text((side, top), frame.note, _QUIET, small)
    for row, (label, share) in enumerate(frame.classes):
        y, x = top + 24 + row * _LINE, side + 130
        pen.text((x - 8, y + _LINE / 2), label[:16], _INK, small, anchor="rm")
        pen.rectangle((x, y + 4, x + _BAR * share, y + _LINE - 5), _FILL)
        pen.text((x + _BAR * share + 8, y + _LINE / 2), f"{share:.1%}", _INK, small, anchor="lm")
    _paste(
        sheet, frame.channel.resize((_CHANNEL, _CHANNEL), Image.Resampling.NEAREST), _MARGIN, top
    )
    _paste(sheet, kernels, side, below_classes)
    _paste(sheet, grid, _MARGIN, middle)
    return sheet


def _fit(image: Image.Image, width: int) -> Image.Image:
    """Return a picture of exact colours, made smaller where it is wider."""
    image = image.convert("RGBA")
    if image.width <= width:
        return image
    return image.resize((width, round(image.height * width / image.width)), Image.Resampling.BOX)


def _paste(sheet: Image.Image, image: Image.Image, left: int, top: int) -> None:
    image = image.convert("RGBA")
    sheet.paste(image, (left, top), image)


def encode_gif(frames: Sequence[Image.Image], seconds: float = 0.9) -> bytes:
    """Return a GIF that repeats, its last frame twice as long.

    Args:
        frames: RGB, of one size, at least one.
        seconds: That each is shown.
    """
    whole = [frame.quantize(256, dither=Image.Dither.NONE) for frame in frames]
    file = io.BytesIO()
    first, *others = whole
    each = round(1000 * seconds)
    first.save(
        file, "GIF", save_all=True, append_images=others, loop=0,
        duration=[each] * len(others) + [2 * each],
    )  # fmt: skip
    return file.getvalue()
