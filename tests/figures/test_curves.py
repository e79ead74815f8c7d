import numpy as np
import pytest

from alexcore.figures.curves import Curve, Panel, fold_curves, plot_curves, smooth


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
    return Curve(name, "#0072b2", "dash", x, x * 100, y)


def test_raw_values_stay_under_the_smoothed_ones() -> None:
    figure = plot_curves([Panel("Loss", [_curve("a", X)], False)], "epoch", half_life=100)
    raw, smoothed = figure.data
    np.testing.assert_array_equal(raw.y, X)
    np.testing.assert_allclose(smoothed.y, smooth(X, X * 100, 100))
    assert raw.opacity < 0.5 and smoothed.line.dash == "dash"
    assert smoothed.line.color == "#0072b2"


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
    assert clipped.layout.yaxis.range[1] < 2
    assert max(clipped.data[0].y) == 900
    assert (
        plot_curves([Panel("Loss", [curve], False)], "epoch", clip=False).layout.yaxis.range is None
    )


def test_a_logarithmic_axis_is_for_losses_alone() -> None:
    panels = [Panel("Loss", [_curve("a", X)], False), Panel("Accuracy", [_curve("a", X)], True)]
    figure = plot_curves(panels, "epoch", log=True, drops=[(2.0, "lr 0.003")])
    assert figure.layout.yaxis.type == "log" and figure.layout.yaxis2.type == "linear"
    assert figure.layout.yaxis.range[0] == pytest.approx(np.log10(1.0), abs=0.03)
    assert [shape.x0 for shape in figure.layout.shapes] == [2.0, 2.0]
    assert figure.layout.hoversubplots == "axis"
