"""Channels taken away, against nets whose weights were zeroed by hand."""

import threading
from copy import deepcopy
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from torch import nn

from alexcore.errors import ModelError
from alexcore.features.ablation import Change, Tail, change_channels, rank_channels
from alexcore.images.preprocessing import to_input
from alexcore.images.sandbox import Picture
from alexcore.inference.extract import create_extractor, list_nodes
from alexcore.inference.model import Inference, infer, load_model
from alexcore.models import get_spec
from alexcore.sources import create_untrained_source

LOCK = threading.Lock()


def create_picture(pixels: npt.NDArray[np.uint8]) -> Picture:
    return Picture(pixels, pixels, Image.fromarray(pixels), pixels.shape[:2], 1, False)


@pytest.fixture(scope="module", params=["half", "zfnet"])
def inference(request: pytest.FixtureRequest) -> Inference:
    """Of a net of random weights, narrow behind its convolutions, and a picture of noise."""
    source = create_untrained_source(get_spec(request.param), 7, 32)
    side = source.preprocessing.crop
    pixels = np.random.default_rng(3).integers(0, 256, (side, side, 3), np.uint8)
    model = load_model(source, torch.device("cpu"))
    return infer(model, create_picture(pixels), LOCK)


def run_without(inference: Inference, layer: str, channels: list[int]) -> npt.NDArray[np.float32]:
    """Return the logits of a copy of the net whose filters give zeros in some channels."""
    module = deepcopy(inference.model.module)
    conv = module.get_submodule(inference.model.find_node(layer))
    assert isinstance(conv, nn.Conv2d | nn.Linear)
    with torch.inference_mode():
        for parameter in conv.parameters():
            parameter[channels] = 0
        x = to_input(
            inference.picture.pixels, inference.model.source.preprocessing, torch.device("cpu")
        )
        return np.asarray(module(x)[0], np.float32)


@pytest.mark.parametrize("layer", ["conv1", "conv3", "conv5", "fc6"])
def test_taking_channels_away_is_zeroing_their_filters(inference: Inference, layer: str) -> None:
    node = inference.model.find_node(layer)
    changes = {2: Change(), 5: Change()}
    found = change_channels(inference, node, changes, LOCK)
    assert found == pytest.approx(run_without(inference, layer, [2, 5]), rel=1e-5, abs=1e-6)
    effects = rank_channels(inference, node, {}, LOCK)
    assert len(effects.after) == len(inference.activations[node])
    for channel in (0, 5, 31):
        expected = run_without(inference, layer, [channel])
        assert effects.after[channel] == pytest.approx(expected, rel=1e-5, abs=1e-6)
    before = run_without(inference, layer, [])
    assert effects.on_logit(3)[5] == pytest.approx(before[3] - effects.after[5, 3], abs=1e-6)
    shares = np.exp(before) / np.exp(before).sum()
    without = np.exp(effects.after[5]) / np.exp(effects.after[5]).sum()
    assert effects.on_probability(3)[5] == pytest.approx(shares[3] - without[3], abs=1e-6)


def test_a_channel_is_scaled_or_held(inference: Inference) -> None:
    """The last linear layer is the whole way from its input: a product by hand."""
    model = inference.model
    node = model.last_hidden
    values, last = inference.activations[node], list(model.module.modules())[-1]
    assert isinstance(last, nn.Linear)
    with torch.inference_mode():
        for change, value in (
            (Change(3.0), 3 * values[4]), (Change(0.0, 1.5), 1.5), (Change(1.0), values[4]),
        ):  # fmt: skip
            expected = values.copy()
            expected[4] = value
            logits = last(torch.from_numpy(expected)).numpy()
            found = change_channels(inference, node, {4: change}, LOCK)
            assert found == pytest.approx(logits, rel=1e-5, abs=1e-6)
            ranked = rank_channels(inference, node, {4: change}, LOCK).after[4]
            assert ranked == pytest.approx(logits, rel=1e-5, abs=1e-6)


def test_a_shortcut_is_read_from_what_the_picture_gave() -> None:
    """Two ways join behind the node: one is run again, the other is not."""

    class Shortcut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
            self.fc = nn.Linear(4, 3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            one = self.a(x)
            both: torch.Tensor = self.fc((one + self.b(one).relu()).mean((2, 3)))
            return both

    torch.manual_seed(0)
    net = Shortcut().eval()
    nodes = list_nodes(net)
    base = load_model(create_untrained_source(get_spec("half"), 3, 8), torch.device("cpu"))
    model = replace(
        base, module=net, extractor=create_extractor(net, nodes), names={n: n for n in nodes}
    )
    pixels = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    preprocessing = replace(base.source.preprocessing, crop=16, resize=16)
    model = replace(model, source=replace(base.source, preprocessing=preprocessing, num_classes=3))
    with torch.inference_mode():
        x = to_input(pixels, preprocessing, torch.device("cpu"))
        outputs = model.extractor(x)
    arrays = {node: value[0].numpy() for node, value in outputs.items()}
    found = Inference(model, create_picture(pixels), "", "", arrays, ())
    logits = change_channels(found, "b", {1: Change()}, LOCK)
    with torch.inference_mode():
        for parameter in net.b.parameters():
            parameter[1] = 0
        assert logits == pytest.approx(net(x)[0].numpy(), rel=1e-5, abs=1e-6)


def test_what_is_not_there_is_refused(inference: Inference) -> None:
    with pytest.raises(ModelError, match="has no node 'conv9'"):
        Tail(inference, "conv9")
    with pytest.raises(ModelError, match="has no channel 99999"):
        change_channels(inference, inference.model.find_node("conv2"), {99999: Change()}, LOCK)
