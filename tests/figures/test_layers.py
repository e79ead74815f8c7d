import math

import pytest

from alexcore.figures.layers import QUANTITIES, Quantity, plot_layers
from alexcore.runs.layers import LayerEpoch
from tests.figures.checked import check

ROWS = [
    LayerEpoch(epoch, layer, 0.1 * epoch, ratio, silent, 0.02)
    for epoch, ratio in ((1, 1e-3), (2, 1e-2), (3, math.inf))
    for layer, silent in (("conv1", 0.25), ("fc8", math.nan))
]


@pytest.mark.parametrize("quantity", list(QUANTITIES))
def test_every_quantity_is_a_figure_of_a_line_a_layer(quantity: Quantity) -> None:
    figure = check(plot_layers(ROWS, quantity))
    layers = ["conv1"] if quantity == "silent_share" else ["conv1", "fc8"]
    assert [trace.name for trace in figure.data] == layers
    assert figure.layout.yaxis.type == (None if quantity == "silent_share" else "log")


def test_what_is_not_finite_is_left_out() -> None:
    figure = plot_layers(ROWS, "update_ratio")
    assert list(figure.data[0].x) == [1, 2]
    assert list(figure.data[0].y) == [1e-3, 1e-2]
    assert figure.layout.shapes[0].y0 == 1e-3, "the pace that is good is marked"


def test_zeros_have_no_place_on_a_logarithmic_axis_but_a_share_of_zero_is_shown() -> None:
    frozen = [LayerEpoch(1, "conv1", 0.0, 0.0, 0.0, 0.02)]
    assert not plot_layers(frozen, "gradient_norm").data
    assert list(plot_layers(frozen, "silent_share").data[0].y) == [0.0]
