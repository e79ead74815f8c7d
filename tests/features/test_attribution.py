import numpy as np
import pytest
import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.features.attribution import compute_heatmap
from alexcore.features.methods import METHODS, Method


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


@pytest.mark.parametrize("method", ["integrated gradients", "occlusion"])
def test_heatmap_points_at_what_decides(method: Method) -> None:
    model, x = Corner().eval(), torch.ones(1, 3, 64, 64)
    heat = compute_heatmap(model, x, 0, method)
    assert heat.shape == (64, 64) and heat.dtype == np.float32
    assert np.abs(heat).max() == 1
    assert heat[:20, :20].mean() > 0.5
    assert abs(heat[-10:, -10:].mean()) < 0.05
    np.testing.assert_allclose(compute_heatmap(model, x, 1, method), -heat, atol=1e-5)


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
    if method != "Grad-CAM":
        assert steps[-1][0] == steps[-1][1]


def test_heatmap_rejects_a_class_that_is_not(half: nn.Module) -> None:
    with pytest.raises(ModelError, match="got class 5; the model has 5"):
        compute_heatmap(half, torch.zeros(1, 3, 227, 227), 5, "Grad-CAM")
