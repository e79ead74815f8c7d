import io

import numpy as np
import pytest
from PIL import Image

from alexcore.figures.palette import create_lookup
from alexcore.figures.sprites import (
    ColourScale,
    create_heatmap,
    create_sprite,
    encode_png,
    plan_grid,
)


def test_sprite_puts_each_channel_where_the_grid_says() -> None:
    maps = np.zeros((7, 2, 2), np.float32)
    maps[:, 0, 0] = 1
    maps[4, 0, 0], maps[4, 1, 1] = 0, 1
    grid = plan_grid(7, 2, width=100)
    image = np.asarray(create_sprite(maps, grid).convert("RGBA"))
    bright, dark = create_lookup("Inferno")[255], create_lookup("Inferno")[0]
    step, zoom = grid.cell + grid.gap, grid.cell // 2
    for channel in range(7):
        row, column = divmod(channel, grid.columns)
        top, left = row * step, column * step
        expected = dark if channel == 4 else bright
        assert np.array_equal(image[top, left, :3], expected)
        assert np.array_equal(image[top + zoom - 1, left + zoom - 1, :3], expected)
    assert image.shape[:2] == grid.size[::-1]


@pytest.mark.parametrize(("channels", "side"), [(1, 6), (48, 55), (384, 13), (2048, 1)])
def test_every_channel_has_a_place(channels: int, side: int) -> None:
    grid = plan_grid(channels, side)
    assert grid.columns * grid.rows >= channels > grid.columns * (grid.rows - 1)
    assert grid.cell % side == 0


def test_scale_by_unit_and_by_layer() -> None:
    maps = np.array([[[0, 2]], [[0, 4]]], np.float32)
    assert ColourScale().scale(maps).tolist() == [[[0, 1]], [[0, 1]]]
    assert ColourScale(scaling="layer").scale(maps).tolist() == [[[0, 0.5]], [[0, 1]]]


def test_signed_scale_keeps_zero_in_the_middle() -> None:
    maps = np.array([[[-4, 0, 2]]], np.float32)
    assert ColourScale(signed=True).scale(maps).tolist() == [[[0, 0.5, 0.75]]]


def test_gamma_lifts_faint_values_and_keeps_the_sign() -> None:
    maps = np.array([[[0, 0.25, 1]]], np.float32)
    assert ColourScale(gamma=0.5).scale(maps).tolist() == [[[0, 0.5, 1]]]
    signed = np.array([[[-0.25, 0, 1]]], np.float32)
    assert ColourScale(True, gamma=0.5).scale(signed).tolist() == [[[0.25, 0.5, 1]]]


def test_constant_maps_have_a_colour() -> None:
    maps = np.full((1, 2, 2), 3, np.float32)
    assert ColourScale().scale(maps).max() == 0
    assert ColourScale(signed=True).scale(np.zeros((1, 2, 2), np.float32)).max() == 0.5


def test_png_reads_back() -> None:
    image = create_heatmap(np.eye(6, dtype=np.float32), 300)
    assert image.size == (300, 300)
    read = Image.open(io.BytesIO(encode_png(image))).convert("RGBA")
    assert np.array_equal(np.asarray(read), np.asarray(image.convert("RGBA")))
