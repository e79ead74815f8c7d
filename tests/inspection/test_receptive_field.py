"""The box drawn on the picture is the region whose pixels change the cell."""

import pytest
import torch
from torch import nn

from alexcore.inference.extract import create_extractor
from alexcore.inspection.trace import trace_variant


@pytest.mark.parametrize(
    ("label", "cell"),
    [("conv1", (0, 0)), ("relu1", (20, 31)), ("pool2", (6, 2)), ("conv3", (12, 5))],
)
def test_only_pixels_inside_the_box_change_the_cell(
    half: nn.Module, label: str, cell: tuple[int, int]
) -> None:
    layer = trace_variant("half").find(label)
    assert layer.receptive_field is not None
    left, top, right, bottom = layer.receptive_field.box(*cell, 227)
    extractor = create_extractor(half, [layer.node])
    torch.manual_seed(0)
    x = torch.randn(1, 3, 227, 227)
    outside = torch.randn(1, 3, 227, 227)
    outside[..., top:bottom, left:right] = x[..., top:bottom, left:right]
    inside = x.clone()
    inside[..., top:bottom, left:right] += 5 * torch.randn(1, 3, bottom - top, right - left)
    with torch.inference_mode():
        before, same, other = (
            extractor(picture)[layer.node][0, :, cell[0], cell[1]]
            for picture in (x, outside, inside)
        )
    torch.testing.assert_close(before, same, rtol=1e-4, atol=1e-5)
    assert float((before - other).abs().max()) > 1e-3


def test_the_edge_of_the_box_matters() -> None:
    """One pixel at each corner of the box has a gradient, one pixel beyond has none."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 2, 5, 2, 1), nn.Conv2d(2, 1, 3, 1)).double()
    from alexcore.inspection.trace import trace_model

    view = trace_model(net, "two", (1, 3, 40, 40)).layers[-1].receptive_field
    assert view is not None
    x = torch.randn(1, 3, 40, 40, dtype=torch.double, requires_grad=True)
    (gradient,) = torch.autograd.grad(net(x)[0, 0, 6, 7], x)
    touched = gradient[0].abs().sum(0) > 0
    left, top, right, bottom = view.box(6, 7, 40)
    assert bool(touched[top, left]) and bool(touched[bottom - 1, right - 1])
    touched[top:bottom, left:right] = False
    assert not bool(touched.any())
