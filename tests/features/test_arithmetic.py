"""The arithmetic of a cell against the number the net recorded."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from alexcore.errors import ModelError
from alexcore.features.arithmetic import Arithmetic, explain_activation, explain_cell
from alexcore.features.formula import describe_arithmetic, list_products, write_products
from alexcore.features.windows import Place
from alexcore.images.sandbox import Picture
from alexcore.inference.model import Inference, infer, load_model
from alexcore.models import get_spec, list_models
from alexcore.seeding import seeded
from alexcore.sources import create_untrained_source

LOCK = threading.Lock()


@pytest.fixture(scope="module", params=[spec.name for spec in list_models()])
def inference(request: pytest.FixtureRequest) -> Inference:
    """Of a net of random weights and biases, narrow behind its convolutions, and smooth noise."""
    source = create_untrained_source(get_spec(request.param), 7, 32)
    side = source.preprocessing.crop
    noise = np.random.default_rng(3).integers(0, 256, (12, 12, 3), np.uint8)
    square = Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC)
    pixels = np.asarray(square)
    model = load_model(source, torch.device("cpu"))
    with seeded(5), torch.inference_mode():
        for name, parameter in model.module.named_parameters():
            if name.endswith("bias"):
                parameter.normal_()
    picture = Picture(pixels, pixels, square, pixels.shape[:2], 1, False)
    return infer(model, picture, LOCK)


def draw_places(inference: Inference, count: int) -> list[Place]:
    """Return random cells, as many of every layer, a corner of each among them."""
    rng = np.random.default_rng(1)
    places = []
    for node, maps in inference.activations.items():
        shape = maps.shape if maps.ndim == 3 else (len(maps), 1, 1)
        places.append(Place(node, *(n - 1 for n in shape)))
        for _ in range(count // len(inference.activations)):
            places.append(Place(node, *(int(rng.integers(n)) for n in shape)))
    return places


def measure_error(found: Arithmetic) -> float:
    """Return how far the total is from the record, as a share of the sum of absolute terms.

    float32 rounds each of up to 9,216 products; torch sums them in blocks, so that a share of a
    few 1e-7 is left.
    """
    size = np.abs(found.products).sum() + abs(found.bias)
    return abs(found.total - found.value) / max(float(size), 1e-6)


def test_every_number_is_the_sum_of_what_it_read(inference: Inference) -> None:
    places = draw_places(inference, 250)
    assert len(places) >= 200
    for place in places:
        found = explain_cell(inference, place)
        assert measure_error(found) < 1e-5, (place, found.kind, found.total, found.value)
        assert describe_arithmetic(inference, found)
        for node, value in found.then:
            assert (
                value
                == inference.activations[node][
                    (place.channel, place.row, place.column)[: inference.activations[node].ndim]
                ]
            )


def test_one_walks_from_a_class_to_the_pixels(inference: Inference) -> None:
    """Each step leads to a cell that the window holds, with the value that was read there."""
    model = inference.model
    place: Place | None = Place(list(model.names)[-1], int(inference.logits.argmax()))
    seen = []
    while place is not None:
        found = explain_activation(inference, place)
        seen.append(model.names[found.place.node])
        strongest = int(found.rank(1)[0])
        place = found.find_source(strongest)
        if place is not None:
            maps = inference.activations[place.node]
            at = (place.channel, place.row, place.column)[: maps.ndim]
            assert maps[at] in found.window.values[strongest]
    weighted = [name for name in seen if name.startswith(("conv", "fc"))]
    assert weighted == ["fc8", "fc7", "fc6", "conv5", "conv4", "conv3", "conv2", "conv1"]
    assert {"pool1", "pool2", "pool5"} < {*seen}
    assert found.window.values.shape[0] == 3, "red, green and blue"


def find_model(inference: Inference, *names: str) -> Inference:
    if inference.model.source.spec.name not in names:
        pytest.skip(f"of {', '.join(names)} alone")
    return inference


def test_what_follows_is_what_was_recorded(inference: Inference) -> None:
    """The ReLU behind a convolution, and what else leaves a cell in its place."""
    inference = find_model(inference, "half", "original")
    found = explain_cell(inference, Place(inference.model.find_node("conv2"), 3, 4, 5))
    then = [inference.model.names[node] for node, _ in found.then]
    norms = ["norm2", "spatial2"] if inference.model.source.spec.name == "original" else []
    assert then == ["relu2", *norms]
    assert found.then[0][1] == max(found.value, 0)
    place = Place(found.then[0][0], 3, 4, 5)
    assert explain_cell(inference, place).total == pytest.approx(found.then[0][1])
    assert explain_activation(inference, place).place == found.place


def test_towers_read_their_half_and_the_edge_is_zeros(inference: Inference) -> None:
    inference = find_model(inference, "original")
    conv2 = explain_cell(inference, Place(inference.model.find_node("conv2"), 200, 0, 0))
    assert conv2.window.channels.tolist() == list(range(48, 96))
    assert conv2.window.rows.tolist() == [-2, -1, 0, 1, 2] and conv2.window.inside.sum() == 9
    assert not conv2.window.values[:, ~conv2.window.inside].any()
    conv1 = explain_cell(inference, Place(inference.model.find_node("conv1"), 0, 54, 54))
    assert conv1.window.node == "" and conv1.window.rows[-1] == 226, "of 224, none above"
    norm = explain_cell(inference, Place(inference.model.find_node("norm1"), 48, 3, 3))
    assert norm.window.channels.tolist() == [48, 49, 50], "none of the other tower"
    fc7 = explain_cell(inference, Place(inference.model.find_node("fc7"), 0))
    fc8 = explain_cell(inference, Place(inference.model.find_node("fc8"), 0))
    assert (fc7.factor, fc8.factor) == (0.5, 0.5), "the dropout of 2012, in evaluation"


def test_the_numbers_are_a_table(inference: Inference) -> None:
    inference = find_model(inference, "half")
    found = explain_cell(inference, Place("features.0", 3, 5, 6))
    rows = list(list_products(found))
    assert rows[0][:3] == (0, 20, 24) and len(rows) == 363
    assert sum(row[-1] for row in rows) + found.bias == pytest.approx(found.value, abs=1e-5)
    lines = write_products(found).splitlines()
    assert lines[0] == "channel,row,column,input,weight,product" and len(lines) == 366
    assert float(lines[-1].split(",")[-1]) == pytest.approx(found.value, abs=1e-5)


def test_a_place_that_is_not_there_is_refused(inference: Inference) -> None:
    inference = find_model(inference, "half")
    for place in (Place("features.0", 48), Place("features.0", 0, 55, 0), Place("fc9", 0)):
        with pytest.raises(ModelError, match=r"there is no channel|has no node"):
            explain_cell(inference, place)
