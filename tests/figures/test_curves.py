import numpy as np
import pytest

from alexcore.figures.curves import Curve, plot_curves, smooth


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


def test_curves_take_colour_from_model_and_dash_from_batch() -> None:
    x = np.array([1.0, 2.0])
    curves = [
        Curve("full-b8", "full", 8, x, x, x),
        Curve("half-b8", "half", 8, x, x, x),
        Curve("half-b16", "half", 16, x, x, x),
    ]
    figure = plot_curves(curves, "val_accuracy", half_life=2.0)
    lines = [trace for trace in figure.data if trace.showlegend is None]
    assert [trace.name for trace in lines] == ["full-b8", "half-b8", "half-b16"]
    colours = [trace.line.color for trace in lines]
    assert colours[0] != colours[1] == colours[2]
    assert lines[1].line.dash != lines[2].line.dash
    assert len(figure.data) == 6  # the raw line is kept under each
