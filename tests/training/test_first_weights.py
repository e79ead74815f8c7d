"""What a run begins with: somebody's weights, Kaiming's, layers held; what LRN makes of them."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional
from torchvision.models import alexnet

from alexcore.errors import CheckpointError, TrainingError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_tensor
from alexcore.models import create_model
from alexcore.models.alexnet_2012 import V01_ORIGINAL
from alexcore.runs.config import TrainConfig, create_config
from alexcore.runs.run import Run
from alexcore.settings import SAMPLE_IMAGES
from alexcore.training.data import TrainingData
from alexcore.training.first_weights import create_net, list_layers, load_start
from alexcore.training.loop import train
from alexcore.weights.safetensors import load_weights


def test_fine_tuning_begins_with_a_run_and_holds_its_leading_layers(
    tiny_run: Run, tiny_data: TrainingData, tmp_path: Path
) -> None:
    config = replace(tiny_run.config, init=str(tiny_run.folder), freeze=5, epochs=1, seed=9)
    run = train(config, tiny_data, tmp_path / "fine")
    ours, theirs = load_weights(run.weights_file), load_weights(tiny_run.weights_file)
    held = {key for key in ours if torch.equal(ours[key], theirs[key])}
    assert held == {key for key in ours if key.startswith("features.")}
    for key in set(ours) - held:  # a few steps from where they began, not drawn anew
        assert (ours[key] - theirs[key]).norm() < 0.2 * theirs[key].norm() + 0.05, key


def test_the_last_layer_is_fresh_where_the_classes_differ(tiny_run: Run) -> None:
    config = replace(tiny_run.config, init=str(tiny_run.folder))
    model = create_net(config, 7)
    drawn = {key: value.clone() for key, value in model.state_dict().items()}
    load_start(model, config, 7)
    theirs = load_weights(tiny_run.weights_file)
    for key, value in model.state_dict().items():
        fresh = key.startswith("classifier.5.")
        assert torch.equal(value, drawn[key] if fresh else theirs[key]), key


def test_imagenet_weights_are_those_of_torchvisions_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of the same form where torch keeps its downloads, saved by torchvision's own net."""
    theirs = alexnet(weights=None).state_dict()
    (tmp_path / "checkpoints").mkdir()
    torch.save(theirs, tmp_path / "checkpoints" / "alexnet-owt-7be5be79.pth")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    config = create_config("finetune")
    assert (config.init, config.model, config.hidden) == ("imagenet", "torchvision", 4096)
    model = create_net(config, 3)
    load_start(model, config, 3)
    ours = model.state_dict()
    for key in theirs.keys() - {"classifier.6.weight", "classifier.6.bias"}:
        assert torch.equal(ours[key], theirs[key]), key
    assert ours["classifier.6.weight"].shape == (3, 4096)
    learning = [layer.weight.requires_grad for layer in list_layers(model)]
    assert learning == [False] * 5 + [True] * 3


def test_start_rejects_another_net_and_nobody(tiny_run: Run) -> None:
    config = replace(tiny_run.config, init=str(tiny_run.folder))
    for other in (replace(config, model="full"), replace(config, hidden=64)):
        with pytest.raises(TrainingError, match=r"a net of model half with hidden 32.*they follow"):
            load_start(create_net(other, 5), other, 5)
    with pytest.raises(CheckpointError, match="nobody"):
        load_start(create_net(config, 5), replace(config, init="nobody"), 5)


def test_start_rejects_an_original_of_version_0_1(tiny_config: TrainConfig, tmp_path: Path) -> None:
    old = create_model("original", 5, 32, **V01_ORIGINAL).state_dict()
    torch.save(old, tmp_path / "old.pt")
    config = replace(tiny_config, model="original", crop=224, init=str(tmp_path / "old.pt"))
    with pytest.raises(CheckpointError, match=r"as version 0.1's original.*leave out init"):
        load_start(create_net(config, 5), config, 5)


def test_kaimings_weights_have_his_spread_and_conv1_its_own() -> None:
    """He et al., 2015: a standard deviation of sqrt(2 / fan-in), and biases of 0."""
    model = create_net(create_config(initial="kaiming", conv1_std=0.003), 5)
    layers = list_layers(model)
    assert float(layers[0].weight.detach().std()) == pytest.approx(0.003, rel=0.05)
    for layer in layers[1:]:
        fan_in = layer.weight[0].numel()
        assert float(layer.weight.detach().std()) == pytest.approx((2 / fan_in) ** 0.5, rel=0.05)
    assert all(not layer.bias.any() for layer in layers if layer.bias is not None)


def test_the_models_own_weights_are_left_alone(tiny_config: TrainConfig) -> None:
    torch.manual_seed(tiny_config.seed)
    theirs = create_model("half", 5, 32).state_dict()
    ours = create_net(tiny_config, 5).state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_lrn_does_something_on_raw_pixels_alone() -> None:
    """Its factor (2 + 0.00002 sum of squares)^-0.75 over conv1 at the start, in each tower.

    With inputs of standard deviation 1 it is 2^-0.75 = 0.5946 everywhere: LRN does nothing but
    scale. The authors' inputs, 0 to 255 less the mean, spread by about 70.
    """

    def spans(config: TrainConfig) -> tuple[float, float]:
        pictures = [load_image(path) for path in sorted(SAMPLE_IMAGES.glob("*.png"))]
        x = torch.cat([to_tensor(picture, config.preprocessing) for picture in pictures])
        conv1 = list_layers(create_net(config, 5))[0]
        answers = conv1(x).detach().double()  # (N, 96, 55, 55)
        towers = answers.unflatten(1, (2, 48)).flatten(0, 1)
        factors = functional.local_response_norm(towers, 5, 1e-4, 0.75, 2.0) / towers
        return float(factors.min()), float(factors.max())

    config = create_config("paper2012", hidden=8)
    low, high = spans(config)
    assert low == pytest.approx(0.544, abs=0.015) and high == pytest.approx(2**-0.75, abs=1e-4)
    low, high = spans(replace(config, raw_pixels=False))
    assert low == pytest.approx(2**-0.75, abs=2e-4) and high - low < 2e-4
