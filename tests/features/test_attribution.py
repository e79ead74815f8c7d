from threading import Lock

import numpy as np
import pytest
import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.features.attribution import (
    compute_attribution,
    compute_heatmap,
    copy_net,
    explain_misfit,
)
from alexcore.features.methods import LAYERED, METHODS, Method
from alexcore.models import create_model, get_spec
from alexcore.models.layer_names import list_map_layers
from alexcore.seeding import seeded


class Corner(nn.Module):
    """Class 0 is the brightness of the top left quarter, class 1 its negative."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1, bias=False)
        nn.init.ones_(self.conv.weight)
        mask = torch.zeros(1, 1, 64, 64)
        mask[..., :32, :32] = 1
        self.register_buffer("mask", mask)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total = (self.conv(x) * self.mask).mean((1, 2, 3))
        return torch.stack([total, -total], 1)


@pytest.mark.parametrize(
    "method", ["gradient x input", "integrated gradients", "DeepLIFT", "occlusion"]
)
def test_heatmap_points_at_what_decides(method: Method) -> None:
    model, x = Corner().eval(), torch.ones(1, 3, 64, 64)
    heat = compute_heatmap(model, x, 0, method)
    assert heat.shape == (64, 64) and heat.dtype == np.float32
    assert np.abs(heat).max() == 1
    assert heat[:20, :20].mean() > 0.5
    assert abs(heat[-10:, -10:].mean()) < 0.05
    np.testing.assert_allclose(compute_heatmap(model, x, 1, method), -heat, atol=1e-5)


def test_others_have_their_turn_between_the_batches_of_occlusion() -> None:
    lock, seen = Lock(), list[bool]()
    model, x = Corner().eval(), torch.ones(1, 3, 64, 64)
    model.conv.register_forward_hook(lambda *_: seen.append(lock.locked()))
    compute_heatmap(model, x, 0, "occlusion", lambda *_: seen.append(lock.locked()), lock=lock)
    assert seen == [False, True] * (len(seen) // 2) and len(seen) > 2


def test_grad_cam_by_hand(half: nn.Module) -> None:
    """Channels weighed by their mean gradient, summed, enlarged: the paper's equations 1 and 2.

    The maps are relu5's: what the ReLU cuts off reaches no layer.
    """
    torch.manual_seed(0)
    x = torch.randn(1, 3, 227, 227)
    heat = compute_heatmap(half, x, 2, "Grad-CAM")
    assert isinstance(half.features, nn.Sequential)
    maps = half.features[:12](x)
    maps.retain_grad()
    rest = half.features[12:](maps)
    logits = half.get_submodule("classifier")(rest.flatten(1))
    (gradient,) = torch.autograd.grad(logits[0, 2], maps)
    weighed = (gradient.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True)
    large = nn.functional.interpolate(weighed, (227, 227), mode="bilinear")[0, 0].detach().numpy()
    np.testing.assert_allclose(heat, large / np.abs(large).max(), atol=1e-4)


@pytest.mark.parametrize("method", list(METHODS))
def test_heatmap_leaves_the_model_as_found(half: nn.Module, method: Method) -> None:
    steps: list[tuple[int, int]] = []
    compute_heatmap(half, torch.randn(1, 3, 227, 227), 0, method, lambda *at: steps.append(at))
    assert not half.training
    assert all(parameter.grad is None for parameter in half.parameters())
    assert not any(m._forward_hooks or m._backward_hooks for m in half.modules())
    assert all(done == total for done, total in steps[-1:])
    assert bool(steps) == (method in ("integrated gradients", "gradient SHAP", "occlusion"))


def test_heatmap_rejects_a_class_that_is_not(half: nn.Module) -> None:
    with pytest.raises(ModelError, match="got class 5; the model has 5"):
        compute_heatmap(half, torch.zeros(1, 3, 227, 227), 5, "Grad-CAM")


def test_cams_of_any_layer_by_hand(half: nn.Module) -> None:
    """LayerCAM's equation 5 and Grad-CAM++'s equations 10 and 19, on the maps of relu3."""
    torch.manual_seed(1)
    x = torch.randn(1, 3, 227, 227)
    assert isinstance(half.features, nn.Sequential)
    maps = half.features[:8](x)
    maps.retain_grad()
    logits = half.get_submodule("classifier")(half.features[8:](maps).flatten(1))
    (gradient,) = torch.autograd.grad(logits[0, 1], maps)
    a, g = maps[0].detach().double(), gradient[0].double()
    plus = torch.zeros(a.shape[1:], dtype=torch.float64)
    for channel, slope in zip(a, g, strict=True):
        alpha = slope**2 / (2 * slope**2 + channel.sum() * slope**3)
        weight = (alpha.nan_to_num(0) * slope.relu()).sum()
        plus += weight * channel
    hands = {"Grad-CAM": (g.mean((1, 2), keepdim=True) * a).sum(0), "Grad-CAM++": plus,
             "LayerCAM": (g.relu() * a).sum(0)}  # fmt: skip
    assert hands.keys() == {*LAYERED}
    for method in LAYERED:
        heat = compute_heatmap(half, x, 1, method, layer="features.7")
        small = hands[method][None, None]
        large = nn.functional.interpolate(small, (227, 227), mode="bilinear")[0, 0].numpy()
        np.testing.assert_allclose(heat, large / np.abs(large).max(), atol=1e-4)


@pytest.mark.parametrize("method", ["DeepLIFT", "integrated gradients"])
def test_what_the_pixels_add_is_the_logit_less_that_of_grey(
    half: nn.Module, method: Method
) -> None:
    """Completeness; Captum's own rule for overlapping pools loses a part of it."""
    torch.manual_seed(2)
    x = torch.randn(1, 3, 227, 227)
    with torch.no_grad():
        added = float((half(x) - half(torch.zeros_like(x)))[0, 3])
    found = float(compute_attribution(half, x, 3, method).sum())
    assert found == pytest.approx(added, rel=0.02, abs=1e-4)


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("Grad-CAM++", "LayerCAM")])
def test_two_classes_give_the_difference_of_their_heat(half: nn.Module, method: Method) -> None:
    """Of methods that are linear in the score."""
    x = torch.randn(1, 3, 227, 227)
    one, other = (compute_attribution(half, x, target, method) for target in (0, 4))
    both = compute_attribution(half, x, (0, 4), method)
    torch.testing.assert_close(both, one - other, rtol=1e-3, atol=1e-4 * float(both.abs().max()))


def test_gradient_shap_is_exact_for_a_linear_net() -> None:
    """Its references average to the middle grey, its noise to about nothing."""
    model, x = Corner().eval(), torch.rand(1, 3, 64, 64)
    heat = compute_attribution(model, x, 0, "gradient SHAP")
    middle = (x.min() + x.max()) / 2
    exact = ((x - middle) * model.get_buffer("mask")).sum(1)[0] / 64**2
    assert torch.corrcoef(torch.stack([heat.flatten(), exact.flatten()]))[0, 1] > 0.98
    torch.testing.assert_close(compute_attribution(model, x, 0, "gradient SHAP"), heat)


@pytest.mark.parametrize("name", ["full", "half", "staged", "torchvision", "original", "one_gpu"])
def test_every_method_runs_on_every_variant_or_says_why_not(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexcore.features.attribution._STEPS", 8)
    with seeded(0):
        model = create_model(name, num_classes=3, hidden=32).eval()
    preprocessing = get_spec(name).preprocessing
    x = torch.randn(1, 3, preprocessing.crop, preprocessing.crop) * (
        60 if get_spec(name).raw_pixels else 1
    )
    for method in METHODS:
        if method == "occlusion" and name != "half":  # any net that answers fits
            continue
        if reason := explain_misfit(model, method):
            assert method == "DeepLIFT" and name in ("original", "one_gpu")
            with pytest.raises(ModelError, match="no rule for response normalisation"):
                compute_heatmap(model, x, 0, method)
            assert reason
            continue
        heat = compute_heatmap(model, x, 0, method, layer=list_map_layers(model)[1])
        assert heat.shape == x.shape[2:] and np.isfinite(heat).all()
        assert np.abs(heat).max() == pytest.approx(1)


def test_a_copy_shares_the_weights_and_writes_in_no_place() -> None:
    net = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(inplace=True))
    copied = copy_net(net)
    assert isinstance(copied, nn.Sequential)
    assert copied[0].weight is net[0].weight and copied[0] is not net[0]
    assert not copied[1].inplace and net[1].inplace


def test_a_relu_used_twice_and_in_place_is_explained() -> None:
    """DeepLIFT wants a module for each use; the others do not mind."""

    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.relu = nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)
            self.fc = nn.Linear(4, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            logits: torch.Tensor = self.fc(self.relu(self.relu(self.conv(x)) - 0.1).mean((2, 3)))
            return logits

    model, x = Twice().eval(), torch.randn(1, 3, 64, 64)
    assert np.abs(compute_heatmap(model, x, 0, "Grad-CAM")).max() == 1
    with pytest.raises(ModelError, match="uses a layer more than once"):
        compute_heatmap(model, x, 0, "DeepLIFT")
