import pytest
import torch
import torchvision

from alexcore.errors import CheckpointError
from alexcore.models import create_model, list_models
from alexcore.weights.detect_variant import recognise


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_every_variant_is_recognised_with_its_widths(name: str) -> None:
    found = recognise(create_model(name, num_classes=7, hidden=24).state_dict())
    if name == "original_2x2_pools":  # pools have no weights, so that these are original's
        name = "original"
    assert (found.model, found.num_classes, found.hidden) == (name, 7, 24)


def test_torchvision_s_own_net_is_recognised() -> None:
    state = torchvision.models.alexnet(num_classes=10).state_dict()
    found = recognise(state)
    assert (found.model, found.num_classes, found.hidden) == ("torchvision", 10, 4096)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_prefixes_are_taken_off(prefix: str) -> None:
    state = create_model("half", hidden=8).state_dict()
    found = recognise({prefix + key: value.half() for key, value in state.items()})
    assert found.model == "half"
    assert found.state.keys() == state.keys()
    assert all(value.dtype == torch.float32 for value in found.state.values())


def test_the_order_of_the_keys_does_not_matter() -> None:
    state = create_model("half", num_classes=7, hidden=24).state_dict()
    found = recognise(dict(reversed(state.items())))
    assert (found.model, found.num_classes, found.hidden) == ("half", 7, 24)


def test_recognise_rejects_tensors_without_numbers() -> None:
    state = create_model("half", hidden=8).state_dict()
    state["classifier.0.weight"] = torch.zeros(0, 2**31)
    with pytest.raises(CheckpointError, match=r"no numbers in classifier\.0\.weight"):
        recognise(state)


def test_recognise_rejects_another_architecture_naming_what_does_not_fit() -> None:
    with pytest.raises(CheckpointError, match=r"no AlexNet, which has three fully"):
        recognise(torchvision.models.resnet18(num_classes=5).state_dict())
    with pytest.raises(CheckpointError, match=r"fit none of full.*Nearest is .*is missing"):
        recognise(torchvision.models.vgg11(num_classes=5).state_dict())
    state = create_model("full", hidden=8).state_dict()
    state["features.3.weight"] = torch.zeros(256, 96, 3, 3)
    with pytest.raises(
        CheckpointError,
        match=r"Nearest is full, but features.3.weight is \(256, 96, 3, 3\) where it has "
        r"\(256, 96, 5, 5\)\.",
    ):
        recognise(state)


def test_recognise_rejects_values_that_are_not_finite() -> None:
    state = create_model("half", hidden=8).state_dict()
    state["classifier.3.bias"][3] = torch.nan
    with pytest.raises(CheckpointError, match=r"not finite, first in classifier.3.bias"):
        recognise(state)
