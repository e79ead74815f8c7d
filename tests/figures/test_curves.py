import json

import numpy as np
import pytest

from alexcore.figures.charts import Chart, Option
from alexcore.figures.curves import (
    Curve,
    Panel,
    fold_curves,
    plot_curves,
    smooth,
)


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


X = np.array([1.0, 2.0, 3.0])


def _curve(name: str, y: np.ndarray, x: np.ndarray = X) -> Curve:
    return Curve(name, "#0072b2", "dashed", x, x * 100, y)


def _lines(chart: Chart) -> list[Option]:
    """The series that have points."""
    return [series for series in chart.option["series"] if series["data"]]


def test_raw_values_stay_under_the_smoothed_ones() -> None:
    chart = plot_curves([Panel("Loss", [_curve("a", X)], False)], "epoch", half_life=100)
    smoothed, raw = _lines(chart)
    assert raw["data"] == [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]
    by_hand = (1.0, 5 / 3, 17 / 7)  # (1 + 2 * 2) / 3 and (1 + 2 * 2 + 4 * 3) / 7
    np.testing.assert_allclose([y for _, y in smoothed["data"]], by_hand, atol=1e-6)
    assert raw["lineStyle"]["opacity"] < 0.5 and raw["z"] < 2 and not raw["tooltip"]["show"]
    assert smoothed["lineStyle"]["type"] == "dashed"
    assert smoothed["lineStyle"]["color"] == smoothed["itemStyle"]["color"] == "#0072b2"


def test_a_band_is_stacked_from_its_lower_edge() -> None:
    folded = fold_curves([_curve("a", X), _curve("b", 3 * X)], "both")
    panel = Panel("Accuracy", [folded], True)
    line, low, width = _lines(plot_curves([panel], "epoch"))
    assert [y for _, y in line["data"]] == [200, 400, 600]  # in percent
    assert [y for _, y in low["data"]] == [100, 200, 300]
    assert [y for _, y in width["data"]] == [200, 400, 600] and "areaStyle" in width
    assert low["stack"] == width["stack"] and low["name"] == width["name"] == line["name"]


def test_what_is_not_finite_is_a_gap() -> None:
    curve = _curve("a", np.array([1.0, np.nan, np.inf]))
    chart = plot_curves([Panel("Loss", [curve], False)], "epoch")
    assert [y for _, y in _lines(chart)[0]["data"]] == [1.0, None, None]
    json.dumps(chart.option, allow_nan=False)


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
    curve = _curve("a", values, np.arange(1, 101.0))
    clipped = plot_curves([Panel("Loss", [curve], False)], "epoch", clip=True)
    assert clipped.option["yAxis"][0]["max"] < 2
    assert max(y for _, y in _lines(clipped)[0]["data"]) == 900
    whole = plot_curves([Panel("Loss", [curve], False)], "epoch", clip=False)
    assert "max" not in whole.option["yAxis"][0] and whole.option["yAxis"][0]["scale"]


def test_a_flat_line_has_an_axis_around_it() -> None:
    flat = _curve("a", np.array([1.6094, 1.6093, 1.6094]))
    (axis,) = plot_curves([Panel("Loss", [flat], False)], "epoch").option["yAxis"]
    assert 1.60 < axis["min"] < 1.6093 and 1.6094 < axis["max"] < 1.62


def test_a_logarithmic_axis_is_for_losses_alone() -> None:
    panels = [Panel("Loss", [_curve("a", X)], False), Panel("Accuracy", [_curve("a", X)], True)]
    chart = plot_curves(panels, "epoch", log=True, drops=[(2.0, "lr 0.003")])
    option = chart.option
    loss, accuracy = option["yAxis"]
    assert (loss["type"], accuracy["type"]) == ("log", "value")
    assert loss["min"] == 1.0  # never below the smallest value, where a logarithm could end
    marks = [series["markLine"]["data"] for series in option["series"] if "markLine" in series]
    assert [mark["xAxis"] for (mark,) in marks] == [2.0, 2.0]
    assert option["axisPointer"]["link"] == [{"xAxisIndex": "all"}]
    grid = option["grid"][-1]
    assert grid["top"] + grid["height"] < chart.height - 50  # axis title and legend below
