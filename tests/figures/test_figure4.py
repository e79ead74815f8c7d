import numpy as np
from PIL import Image

from alexcore.figures.figure4 import draw_figure4


def _picture(shade: int, size: tuple[int, int] = (50, 50)) -> Image.Image:
    return Image.new("RGB", size, (shade, shade, shade))


def test_each_row_has_its_query_and_its_neighbours() -> None:
    near = [_picture(40 + 30 * i) for i in range(6)]
    rows = [(_picture(10), near), (_picture(20), near)]
    labels = [["a", *"bcdefg"], ["h", *"ijklmn"]]
    sheet = np.asarray(draw_figure4(rows, labels).convert("L"))
    first = sheet[80]
    shades = [int(v) for v in dict.fromkeys(first.tolist()) if v < 255]
    assert shades == [10, 40, 70, 100, 130, 160, 190]
    assert 20 in sheet[280] and 10 not in sheet[280]


def test_a_tall_picture_keeps_its_shape() -> None:
    sheet = np.asarray(draw_figure4([(_picture(10, (20, 80)), [_picture(90)])], [["a", "b"]]))
    dark = np.argwhere(sheet[:160, :180, 0] == 10)
    height, width = np.ptp(dark, axis=0) + 1
    assert (height, width) == (160 - 8, 40) or height == 4 * width
