"""Covered, turned and shifted pictures, against slices and circles by hand."""

import threading
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch

from alexcore.errors import AlexcoreError
from alexcore.features.ablation import to_probabilities
from alexcore.features.picture_changes import (
    MAX_POINTS,
    Cover,
    Fill,
    Move,
    PictureChange,
    Stroke,
    change_picture,
    change_pixels,
    compute_curve,
    create_mask,
    get_mean_grey,
    read_strokes,
)
from alexcore.images.preprocessing import Preprocessing
from alexcore.inference.model import Inference, infer, load_model
from alexcore.models import get_spec
from alexcore.sources import create_untrained_source
from tests.features.test_ablation import create_picture

LOCK = threading.Lock()
NET = Preprocessing(crop=20, resize=20)
GREY = (124, 116, 104)
BOX = Stroke(((0.25, 0.5), (0.5, 0.9)))


@pytest.fixture(scope="module")
def pixels() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(5).integers(0, 256, (20, 20, 3), np.uint8)


@pytest.fixture(scope="module")
def inference() -> Inference:
    """Of a net of random weights and a picture of noise."""
    source = create_untrained_source(get_spec("half"), 7, 32)
    side = source.preprocessing.crop
    noise = np.random.default_rng(3).integers(0, 256, (side, side, 3), np.uint8)
    return infer(load_model(source, torch.device("cpu")), create_picture(noise), LOCK)


def test_a_rectangle_covers_its_rows_and_columns() -> None:
    expected = np.zeros((20, 20), bool)
    expected[10:18, 5:10] = True
    assert (create_mask([BOX], 20) == expected).all()
    turned = Stroke(((0.5, 0.5), (0.25, 0.9)))  # drawn from the other corner
    assert (create_mask([turned], 20) == expected).all()
    assert create_mask([Stroke(((0.0, 0.0), (1.0, 1.0)))], 20).all()
    assert not create_mask([], 20).any()


def test_a_brush_covers_what_lies_within_half_its_width_of_the_line() -> None:
    """Here from (4, 4) by (4, 14) to (18, 14), 6 wide; a pixel counts by its middle."""
    stroke = Stroke(((0.2, 0.2), (0.2, 0.7), (0.9, 0.7)), 0.3)
    line = [(4.0, 4 + step / 100) for step in range(1001)]
    line += [(4 + step / 100, 14.0) for step in range(1401)]
    x, y = np.transpose(line)
    expected = [
        [np.hypot(x - column - 0.5, y - row - 0.5).min() <= 3 for column in range(20)]
        for row in range(20)
    ]
    assert (create_mask([stroke], 20) == np.array(expected)).all()
    dot = create_mask([Stroke(((0.5, 0.5),), 0.1)], 20)  # reaches 1 pixel: four middles at 0.71
    assert np.argwhere(dot).tolist() == [[9, 9], [9, 10], [10, 9], [10, 10]]


def test_links_say_strokes_in_thousandths() -> None:
    box, dot = Stroke(((0.25, 0.5), (0.5, 0.9))), Stroke(((0.1, 0.2),), 0.08)
    assert read_strokes("0.250.500.500.900_80.100.200") == (box, dot)
    assert read_strokes("") == ()


@pytest.mark.parametrize("text", ["volt", "80", "80.1", "0.1.2", "80.100.1001", "80.-1.5", "8..1"])
def test_links_reject_what_is_no_stroke(text: str) -> None:
    with pytest.raises(AlexcoreError, match="cannot be read"):
        read_strokes(text)


def test_links_reject_more_points_than_one_draws() -> None:
    with pytest.raises(AlexcoreError, match="more than 4,000 points"):
        read_strokes("80" + ".500.500" * (MAX_POINTS + 1))


@pytest.mark.parametrize("fill", ["grey", "blur", "noise"])
def test_only_what_is_covered_is_filled(pixels: npt.NDArray[np.uint8], fill: Fill) -> None:
    before, change = pixels.copy(), PictureChange(Cover((BOX,), fill))
    changed = change_pixels(pixels, change, NET)
    mask = create_mask([BOX], 20)
    assert (changed[~mask] == pixels[~mask]).all()
    inside = changed[mask].astype(np.int64)
    if fill == "grey":
        assert (inside == GREY).all()
    else:
        assert (inside != pixels[mask]).any(axis=1).mean() > 0.9
        assert (inside.std() < pixels[mask].std() / 2) == (fill == "blur")
    assert (change_pixels(pixels, change, NET) == changed).all()
    assert (pixels == before).all()


def test_a_move_by_nothing_changes_nothing(pixels: npt.NDArray[np.uint8]) -> None:
    assert get_mean_grey(NET) == GREY
    assert (change_pixels(pixels, PictureChange(), NET) == pixels).all()


@pytest.mark.parametrize(("right", "down"), [(3, 0), (0, 5), (-4, 7), (19, -19), (20, 0)])
def test_a_shift_is_a_slice(pixels: npt.NDArray[np.uint8], right: int, down: int) -> None:
    expected = np.full((60, 60, 3), GREY, np.uint8)
    expected[20 + down : 40 + down, 20 + right : 40 + right] = pixels
    changed = change_pixels(pixels, PictureChange(move=Move(0, right, down)), NET)
    assert (changed == expected[20:40, 20:40]).all()


def test_quarter_turns_go_clockwise_and_before_the_shift(pixels: npt.NDArray[np.uint8]) -> None:
    turned = change_pixels(pixels, PictureChange(move=Move(90)), NET)
    assert (turned == np.rot90(pixels, -1)).all()
    both = change_pixels(pixels, PictureChange(move=Move(90, 4, 0)), NET)
    assert (both[:, 4:] == turned[:, :-4]).all() and (both[:, :4] == GREY).all()
    half = change_pixels(pixels, PictureChange(move=Move(45)), NET)
    assert (half[0, 0] == GREY).all() and (half[0, -1] == GREY).all()


def test_the_cover_is_moved_with_the_picture(pixels: npt.NDArray[np.uint8]) -> None:
    change = PictureChange(Cover((BOX,)), Move(0, 6, 0))
    assert (change_pixels(pixels, change, NET)[10:18, 11:16] == GREY).all()


def test_a_change_of_no_pixel_is_not_computed_again(inference: Inference) -> None:
    assert change_picture(inference, PictureChange(Cover(fill="noise")), LOCK) is inference


def test_a_curve_is_a_pass_for_each_move(inference: Inference) -> None:
    moves = [Move(angle) for angle in range(-90, 91, 20)] + [Move(right=30), Move(down=-7)]
    cover, told = Cover((BOX,), "noise"), list[tuple[int, int]]()
    shares = compute_curve(inference, cover, moves, LOCK, lambda *done: told.append(done))
    assert told == [(8, 12), (12, 12)]
    model, preprocessing = inference.model, inference.model.source.preprocessing
    for move, found in zip(moves, shares, strict=True):
        change = PictureChange(cover, move)
        single = change_picture(inference, change, LOCK)
        assert found == pytest.approx(to_probabilities(single.logits), abs=1e-6)
        pixels = change_pixels(inference.picture.pixels, change, preprocessing)
        again = infer(model, replace(inference.picture, pixels=pixels), LOCK)
        assert (single.logits == again.logits).all() and single.key != inference.key
    assert np.ptp(shares, axis=0).max() > 1e-4, "they are not all one"
