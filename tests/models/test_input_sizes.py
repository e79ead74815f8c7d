import pytest
import torch

from alexcore.errors import ModelError
from alexcore.models import create_model, list_models
from alexcore.models.alexnet import FULL, TORCHVISION
from alexcore.models.alexnet_2012 import ORIGINAL
from alexcore.models.input_sizes import (
    accepts_size,
    check_input_size,
    compute_sizes,
    list_input_sizes,
    repair,
)


def test_compute_sizes_by_hand_at_227() -> None:
    walked = [(step.label, step.after) for step in compute_sizes(FULL, 227)]
    assert walked == [
        ("conv1", 55), ("pool1", 27), ("conv2", 27), ("pool2", 13), ("conv3", 13), ("conv4", 13),
        ("conv5", 13), ("pool5", 6),
    ]  # fmt: skip


def test_check_shows_the_arithmetic_and_the_nearest_sizes() -> None:
    with pytest.raises(ModelError) as caught:
        check_input_size(FULL, 224)
    text = str(caught.value)
    assert "conv1 (224 + 2·0 − 11) / 4 + 1 = 54.25 → 54" in text
    assert "5 x 5" in text and "6 x 6" in text
    assert text.endswith("227 and 228.")


def test_check_names_the_layer_with_nothing_left() -> None:
    with pytest.raises(ModelError, match="pool5 has nothing left to cover"):
        check_input_size(TORCHVISION, 40)


def test_adaptive_pool_takes_everything_from_63() -> None:
    assert list_input_sizes(TORCHVISION, 32, 100) == tuple(range(63, 101))


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_accepted_sizes_are_those_the_module_takes(name: str) -> None:
    with torch.device("meta"):
        model = create_model(name, hidden=8).eval()
        for size in (32, 62, 63, 64, 195, 196, 223, 224, 226, 227, 228, 255, 256, 258, 259, 300):
            try:
                model(torch.empty(1, 3, size, size))
                taken = True
            except (RuntimeError, ModelError):
                taken = False
            assert accepts_size(model.config, size) == taken, size


@pytest.mark.parametrize(
    ("round_up", "padding", "first", "last"),
    [
        (None, None, 196, 227),  # the program of 2012
        (True, 2, 192, 223),
        (False, None, 227, 258),  # as libraries round
        (False, 2, 223, 254),
    ],
)
def test_rounding_and_padding_decide_which_sizes_the_original_takes(
    round_up: bool | None, padding: int | None, first: int, last: int
) -> None:
    repaired = repair(ORIGINAL, round_up, padding)
    assert list_input_sizes(repaired) == tuple(range(first, last + 1))


def test_rounding_up_is_written_out() -> None:
    assert compute_sizes(ORIGINAL, 224)[0].arithmetic == "(224 + 2·0 − 11) / 4 + 1 = 54.25 → 55"
