import numpy as np
import pytest

from alexcore.figures.arithmetic import draw_pixels, plot_terms, plot_window
from alexcore.figures.palette import LOWERS, QUIET, RAISES
from tests.figures.checked import check


def test_terms_are_red_or_blue_and_the_rest_is_grey() -> None:
    (bars,) = check(plot_terms(["7", "3"], [2.0, -1.0], {"bias": 0.5}, "channel of pool1")).data
    assert tuple(bars.y) == (2.0, -1.0, 0.5) and tuple(bars.x) == ("7", "3", "bias")
    assert tuple(bars.marker.color) == (RAISES, LOWERS, QUIET)


def test_a_window_has_a_panel_for_each_factor_and_a_row_for_each_channel() -> None:
    values = np.arange(12, dtype=np.float32).reshape(2, 2, 3)
    places = np.array([4, 5]), np.array([-1, 0, 1])
    figure = check(plot_window({"input": values, "= product": -values}, ["a", "b"], places, (1, 2)))
    assert [trace.yaxis for trace in figure.data] == ["y", "y2", "y3", "y4"]
    titles = [note.text for note in figure.layout.annotations]
    assert titles == ["<b>input, a</b>", "<b>b</b>", "<b>= product</b>"]
    np.testing.assert_array_equal(figure.data[3].z, -values[1])
    assert tuple(figure.data[0].x) == ("-1", "0", "1") and figure.data[0].zmax == 11
    assert figure.layout.yaxis2.domain[1] < figure.layout.yaxis.domain[0], "the first stands above"
    assert len(figure.layout.shapes) == 4 and figure.layout.shapes[0].x0 == 1.5


@pytest.mark.parametrize("first", [-2, 3])
def test_pixels_beyond_the_edge_are_grey(first: int) -> None:
    pixels = np.full((5, 5, 3), 200, np.uint8)
    span = np.arange(first, first + 4)
    window = np.asarray(draw_pixels(pixels, span, span, zoom=2))
    assert window.shape == (8, 8, 3)
    inside = (span >= 0) & (span < 5)
    expected = np.where(np.logical_and.outer(inside, inside), 200, 128)
    np.testing.assert_array_equal(window[::2, ::2, 0], expected)
