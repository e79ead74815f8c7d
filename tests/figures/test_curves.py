from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import pytest

from alexcore.figures.curves import (
    Axes,
    Curve,
    Panel,
    fold_curves,
    plot_curves,
    smooth,
)
from alexcore.figures.figure import name_axis
from tests.figures.checked import check


def tensorboard(values: list[float], weight: float) -> list[float]:
    """TensorBoard's formula, written from its description."""
    last, shown = 0.0, []
    for n, value in enumerate(values, start=1):
        last = weight * last + (1 - weight) * value
        shown.append(last / (1 - weight**n))
    return shown


def test_smooth_equals_tensorboard_at_equal_steps() -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0]
    seen = np.arange(1, 6) * 800.0
    ours = smooth(np.array(values), seen, half_life=800 * np.log(0.5) / np.log(0.6))
    np.testing.assert_allclose(ours, tensorboard(values, 0.6), rtol=1e-12)


def test_smooth_by_hand() -> None:
    # Half-life one step: 0.5 * 2 / 0.5 = 2, then (0.25 * 2 + 0.5 * 4) / 0.75.
    ours = smooth(np.array([2.0, 4.0]), np.array([100.0, 200.0]), 100)
    np.testing.assert_allclose(ours, [2.0, 2.5 / 0.75])


def test_smooth_depends_on_images_not_on_points() -> None:
    """A point every 100 images and the same value twice as often give the same mean."""
    rare = smooth(np.array([1.0, 3.0]), np.array([200.0, 400.0]), 300)
    often = smooth(np.array([1.0, 1.0, 3.0, 3.0]), np.arange(1, 5) * 100.0, 300)
    assert often[3] == pytest.approx(rare[1])


def test_smooth_passes_on_what_is_not_finite() -> None:
    ours = smooth(np.array([1.0, np.nan, 1.0]), np.arange(1, 4) * 10.0, 10)
    assert ours[0] == ours[2] == 1.0
    assert np.isnan(ours[1])


def test_no_half_life_leaves_values_alone() -> None:
    values = np.array([1.0, 5.0])
    assert smooth(values, np.array([1.0, 2.0]), 0) is values


AXES = Axes("epoch")
X = np.array([1.0, 2.0, 3.0])


def _curve(name: str, y: np.ndarray, x: np.ndarray = X) -> Curve:
    return Curve(name, "#0072b2", "dash", x, x * 100, y)


def _checked(columns: list[list[Panel]], axes: Axes) -> go.Figure:
    return check(plot_curves(columns, axes))


def test_raw_values_stay_under_the_smoothed_ones() -> None:
    axes = Axes("epoch", half_life=100)
    raw, smoothed = _checked([[Panel("Loss", [_curve("a", X)], False)]], axes).data
    np.testing.assert_allclose(raw.y, X)
    by_hand = (1.0, 5 / 3, 17 / 7)  # (1 + 2 * 2) / 3 and (1 + 2 * 2 + 4 * 3) / 7
    np.testing.assert_allclose(smoothed.y, by_hand)
    assert raw.opacity < 0.5 and raw.hoverinfo == "skip" and raw.showlegend is False
    assert (smoothed.line.dash, smoothed.line.color) == ("dash", "#0072b2")


def test_a_band_is_one_closed_line_under_the_mean() -> None:
    folded = fold_curves([_curve("a", X), _curve("b", 3 * X)], "both")
    band, line = _checked([[Panel("Accuracy", [folded], True)]], AXES).data
    np.testing.assert_allclose(line.y, [200, 400, 600])  # in percent
    np.testing.assert_allclose(band.x, [1, 2, 3, 3, 2, 1])
    np.testing.assert_allclose(band.y, [300, 600, 900, 300, 200, 100])
    assert band.fill == "toself" and band.legendgroup == line.name == "both"


def test_what_is_not_finite_is_a_gap() -> None:
    curve = _curve("a", np.array([1.0, np.nan, np.inf]))
    (line,) = _checked([[Panel("Loss", [curve], False)]], AXES).data
    assert line.y[0] == 1 and not np.isfinite(line.y[1:]).any() and not line.connectgaps


def test_lines_of_one_name_are_switched_together() -> None:
    panels = [Panel(kind, [_curve("a", X), _curve("b", X)], False) for kind in ("Loss", "Rate")]
    lines = _checked([panels, panels[:1]], AXES).data
    assert [line.showlegend for line in lines] == [True, True, False, False, False, False]
    assert [line.legendgroup for line in lines] == ["a", "b"] * 3
    assert [(line.xaxis, line.yaxis) for line in lines[::2]] == [
        ("x", "y"), ("x", "y2"), ("x2", "y3")
    ]  # fmt: skip


def test_panels_do_not_overlap_wide_or_narrow() -> None:
    panels = [Panel(kind, [_curve("a", X)], False) for kind in ("Loss", "Rate")]
    layout = _checked([panels, panels], AXES).layout
    wide = [
        (layout[name_axis("xaxis", 1 + n // 2)].domain, layout[name_axis("yaxis", n + 1)].domain)
        for n in range(4)
    ]
    assert wide[0][0][1] < wide[2][0][0] and wide[0][0] == wide[1][0]
    assert wide[0][1] == wide[2][1] and wide[1][1][1] < wide[0][1][0]
    narrow = layout.meta["narrow"]
    stacked = [narrow[name_axis("yaxis", n + 1)]["domain"] for n in range(4)]
    assert all(below[1] < above[0] for above, below in pairwise(stacked))
    assert narrow["xaxis"]["domain"] == narrow["xaxis2"]["domain"] == [0, 1]
    assert stacked[0][1] == 1 and stacked[-1][0] == 0 and narrow["height"] > layout.height
    many = [Panel("Loss", [_curve(name, X) for name in "abcde"], False)]
    wrapped = _checked([many], AXES).layout  # a legend of two rows, below the axis's title
    more = wrapped.meta["narrow"]["height"] - wrapped.height
    assert more > 0 and wrapped.meta["narrow"]["margin"]["b"] == wrapped.margin.b + more


def test_seeds_are_folded_to_mean_and_range() -> None:
    folded = fold_curves([_curve("a", X), _curve("b", 3 * X)], "both")
    np.testing.assert_allclose(folded.y, [2, 4, 6])
    assert folded.low is not None and folded.high is not None
    np.testing.assert_allclose(folded.low, [1, 2, 3])
    np.testing.assert_allclose(folded.high, [3, 6, 9])


def test_seeds_over_wall_time_are_folded_where_they_are_on_average() -> None:
    slow = _curve("slow", np.array([0.0, 2.0, 4.0]), np.array([2.0, 4.0, 6.0]))
    quick = _curve("quick", np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    folded = fold_curves([slow, quick], "both")
    np.testing.assert_allclose(folded.x, [1.5, 3.0])
    np.testing.assert_allclose(folded.y, [0.5, 1.5])  # (0 + 1) / 2 and (1 + 2) / 2


def test_outliers_are_clipped_from_the_axis_alone() -> None:
    values = np.full(100, 1.0)
    values[50] = 900.0
    columns = [[Panel("Loss", [_curve("a", values, np.arange(1, 101.0))], False)]]
    clipped = _checked(columns, AXES)
    assert clipped.layout.yaxis.range[1] < 2
    assert max(clipped.data[0].y) == 900
    assert _checked(columns, Axes("epoch", clip=False)).layout.yaxis.range is None


def test_a_flat_line_has_an_axis_around_it() -> None:
    flat = _curve("a", np.array([1.6094, 1.6093, 1.6094]))
    low, high = _checked([[Panel("Loss", [flat], False)]], AXES).layout.yaxis.range
    assert 1.60 < low < 1.6093 and 1.6094 < high < 1.62


def test_a_logarithmic_axis_is_for_losses_alone() -> None:
    panels = [Panel("Loss", [_curve("a", X)], False), Panel("Accuracy", [_curve("a", X)], True)]
    layout = _checked([panels], Axes("epoch", log=True, drops=[(2.0, "lr 0.003")])).layout
    assert (layout.yaxis.type, layout.yaxis2.type) == ("log", "linear")
    assert layout.yaxis.range[0] == 0.0  # log10 of 1: never below the smallest value
    assert [(line.x0, line.yref) for line in layout.shapes] == [(2, "y domain"), (2, "y2 domain")]
    assert [note.text for note in layout.annotations if note.x == 2] == ["lr 0.003"]
