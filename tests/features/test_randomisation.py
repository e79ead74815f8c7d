from threading import Lock

import numpy as np
import pytest
import torch
from torch import nn

from alexcore.features.attribution import compute_heatmap
from alexcore.features.randomisation import compute_cascade, correlate


def test_cascade_forgets_from_the_top_and_leaves_the_model_as_found(half: nn.Module) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 3, 227, 227)
    before = {name: (id(value), value.clone()) for name, value in half.state_dict().items()}
    modules = [id(module) for module in half.modules()]
    heat = compute_heatmap(half, x, 2, "Grad-CAM")
    found = compute_cascade(half, x, 2, "Grad-CAM", heat)
    assert [each.layer for each in found] == [
        "fc8", "fc7", "fc6", "conv5", "conv4", "conv3", "conv2", "conv1",
    ]  # fmt: skip
    lock, locked = Lock(), list[bool]()
    again = compute_cascade(
        half, x, 2, "Grad-CAM", heat, lambda *_: locked.append(lock.locked()), lock=lock
    )
    assert locked == [False] * 8, "others have their turn after each heatmap"
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.heat, other.heat)
        assert one.correlation == pytest.approx(correlate(heat, one.heat))
        assert one.correlation < 0.999
    assert [id(module) for module in half.modules()] == modules
    for name, value in half.state_dict().items():
        assert torch.equal(value, before[name][1])
    np.testing.assert_array_equal(compute_heatmap(half, x, 2, "Grad-CAM"), heat)


def test_ranks_are_correlated_and_a_flat_map_with_nothing() -> None:
    heat = np.array([[0.1, 0.2], [0.3, 0.9]], np.float32)
    assert correlate(heat, heat**3) == pytest.approx(1)
    assert correlate(heat, -heat) == pytest.approx(-1)
    assert np.isnan(correlate(heat, np.zeros_like(heat)))
