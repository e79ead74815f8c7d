"""Learning curves: runs over images seen, smoothed alike whatever their batch size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.palette import get_model_colour

Series = npt.NDArray[np.floating[Any]]
Axis = Literal["images_seen", "epoch", "step", "seconds"]
AXIS_TITLES: dict[Axis, str] = {
    "images_seen": "images seen",
    "epoch": "epoch",
    "step": "step",
    "seconds": "wall time in seconds",
}
METRIC_TITLES = {
    "train_loss": "training loss",
    "val_loss": "validation loss",
    "train_accuracy": "training accuracy",
    "val_accuracy": "validation accuracy",
}
_DASHES = {8: "solid", 16: "dash"}


@dataclass(frozen=True, slots=True)
class Curve:
    """One run's column over another.

    Attributes:
        name: The run's name.
        model: Its variant, which decides the colour.
        batch_size: Its batch size, which decides the dash.
        x: Positions, in the unit of the axis.
        images_seen: Training images at each point, for the smoothing.
        y: Values.
    """

    name: str
    model: str
    batch_size: int
    x: Series
    images_seen: Series
    y: Series


def smooth(values: Series, images_seen: Series, half_life: float) -> Series:
    """Return TensorBoard's debiased exponential mean with a half-life counted in images.

    With a constant number of images between points it is TensorBoard's formula,
    ``last = w last + (1 - w) y`` shown as ``last / (1 - w^n)``, for w = 0.5^(images / half_life).
    Values that are not finite are passed through and do not move the mean.

    Args:
        values: (N,) in the order of time.
        images_seen: (N,) increasing.
        half_life: Images after which a point counts half; 0 leaves the values alone.
    """
    if half_life <= 0:
        return values
    result = values.copy()
    mean = weight = 0.0
    previous = 0.0
    for i, (value, seen) in enumerate(zip(values, images_seen, strict=True)):
        if not np.isfinite(value):
            continue
        keep = 0.5 ** ((seen - previous) / half_life)
        mean = keep * mean + (1 - keep) * value
        weight = keep * weight + (1 - keep)
        previous = seen
        result[i] = mean / weight
    return result


def plot_curves(
    curves: Sequence[Curve], metric: str, axis: Axis = "images_seen", half_life: float = 0.0
) -> go.Figure:
    """Draw one line a run, the raw values faint under the smoothed ones.

    Args:
        curves: The runs.
        metric: A key of ``METRIC_TITLES``.
        axis: What x is.
        half_life: See ``smooth``.
    """
    figure = go.Figure()
    for curve in curves:
        colour = get_model_colour(curve.model)
        dash = _DASHES.get(curve.batch_size, "dot")
        line = {"color": colour, "dash": dash, "width": 2.2}
        if half_life > 0:
            figure.add_scatter(
                x=curve.x, y=curve.y, mode="lines", line=line, opacity=0.22, hoverinfo="skip",
                showlegend=False, legendgroup=curve.name,
            )  # fmt: skip
        figure.add_scatter(
            x=curve.x,
            y=smooth(curve.y, curve.images_seen, half_life),
            name=curve.name,
            mode="lines",
            line=line,
            legendgroup=curve.name,
        )
    percent = metric.endswith("accuracy")
    figure.update_layout(
        hovermode="x unified",
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        height=340,
        title={"text": METRIC_TITLES[metric].capitalize(), "font": {"size": 15}},
        legend={"orientation": "h", "y": -0.22},
        xaxis={"title": AXIS_TITLES[axis]},
        yaxis={
            "tickformat": ".0%" if percent else None,
            "hoverformat": ".1%" if percent else ".3f",
        },
    )
    return figure
