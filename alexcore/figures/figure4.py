"""The paper's figure 4 with one's own pictures: queries on the left, their nearest beside them."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

_TILE, _GAP, _APART, _LINE = 160, 8, 34, 22
_INK = "#22252b"


def draw_figure4(
    rows: Sequence[tuple[Image.Image, Sequence[Image.Image]]], labels: Sequence[Sequence[str]]
) -> Image.Image:
    """Draw one row a query on white.

    Args:
        rows: Each query and its neighbours, the nearest first.
        labels: Of each row the query's label and its neighbours'; written below the pictures.
    """
    columns = max(len(near) for _, near in rows)
    step = _TILE + _GAP
    width = _TILE + _APART + columns * step - _GAP + 2 * _GAP
    height = len(rows) * (step + _LINE) + _GAP
    sheet = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for line, ((query, near), names) in enumerate(zip(rows, labels, strict=True)):
        top = _GAP + line * (step + _LINE)
        places = [_GAP, *(_GAP + _TILE + _APART + i * step for i in range(len(near)))]
        for left, picture, name in zip(places, [query, *near], names, strict=True):
            tile = _fit(picture)
            offset = (left + (_TILE - tile.width) // 2, top + (_TILE - tile.height) // 2)
            sheet.paste(tile, offset)
            pen.text((left + _TILE / 2, top + _TILE + 3), name[:20], _INK, font, anchor="ma")
    return sheet


def _fit(picture: Image.Image) -> Image.Image:
    """Return the picture scaled so that its longer side is a tile's."""
    scale = _TILE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)
