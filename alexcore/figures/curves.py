"""Learning curves: runs over images seen, smoothed alike whatever their batch size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.subplots import make_subplots

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


@dataclass(frozen=True, slots=True)
class Curve:
    """One line.

    Attributes:
        name: In the legend; lines of one name are switched on and off together.
        colour: Of the line and its band.
        dash: As Plotly names it.
        x: Positions, in the unit of the axis.
        images_seen: Training images at each point, for the smoothing.
        y: Values.
        low: Lower edge of a band, None for none.
        high: Upper edge of the band.
    """

    name: str
    colour: str
    dash: str
    x: Series
    images_seen: Series
    y: Series
    low: Series | None = None
    high: Series | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart of a stack: its title, its lines, and whether they are shares of one."""

    title: str
    curves: Sequence[Curve]
    percent: bool


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


def fold_curves(curves: Sequence[Curve], name: str) -> Curve:
    """Return the mean of several seeds' lines, with a band from the lowest to the highest.

    Lines whose points lie elsewhere, as over wall time, are interpolated to the mean positions;
    a longer one is cut to the length of the shortest.
    """
    shortest = min(len(curve.x) for curve in curves)
    x = np.mean([curve.x[:shortest] for curve in curves], axis=0)
    values = np.stack([np.interp(x, curve.x, curve.y) for curve in curves])
    return replace(
        curves[0],
        name=name,
        x=x,
        images_seen=curves[0].images_seen[:shortest],
        y=values.mean(0),
        low=values.min(0),
        high=values.max(0),
    )


def find_range(curves: Iterable[Curve], share: float = 0.02) -> tuple[float, float] | None:
    """Return the span of all values but the outermost ``share`` on either side, a little padded."""
    values = np.concatenate([np.empty(0), *(curve.y for curve in curves)])
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return None
    low, high = np.quantile(values, [share, 1 - share])
    pad = 0.06 * (high - low) or 0.05
    return float(low - pad), float(high + pad)


def plot_curves(
    panels: Sequence[Panel],
    x_title: str,
    half_life: float = 0.0,
    log: bool = False,
    clip: bool = True,
    drops: Sequence[tuple[float, str]] = (),
) -> go.Figure:
    """Draw panels above each other over one axis, hover and zoom linked.

    The raw values stay faint under the smoothed ones. A clipped axis leaves the data alone:
    zooming out shows every point.

    Args:
        panels: From above to below.
        x_title: Of the axis they share.
        half_life: See ``smooth``.
        log: Whether losses stand on a logarithmic axis.
        clip: Whether the axis leaves out the outermost 2% of the values on either side.
        drops: Positions of learning-rate drops, and what to write there.
    """
    figure = make_subplots(
        rows=len(panels), cols=1, shared_xaxes=True, vertical_spacing=0.09,
        subplot_titles=[panel.title for panel in panels],
    )  # fmt: skip
    for row, panel in enumerate(panels, start=1):
        for curve in panel.curves:
            _draw_curve(figure, curve, row, half_life, legend=row == 1)
        logarithmic = log and not panel.percent
        span = find_range(panel.curves) if clip else None
        if span and logarithmic:
            floor = min(float(np.nanmin(c.y[c.y > 0], initial=np.inf)) for c in panel.curves)
            span = (float(np.log10(max(span[0], floor))), float(np.log10(span[1])))
        figure.update_yaxes(
            row=row, col=1, range=span, type="log" if logarithmic else "linear",
            tickformat=".0%" if panel.percent else None,
            hoverformat=".1%" if panel.percent else ".3f",
        )  # fmt: skip
        for position, text in drops:
            figure.add_vline(
                x=position, row=row, col=1, line={"width": 1, "dash": "dot", "color": "#8b93a1"},
                annotation={"text": text if row == 1 else "", "font": {"size": 11}},
                annotation_position="top right",
            )  # fmt: skip
    figure.update_xaxes(title=x_title, row=len(panels), col=1)
    figure.update_annotations(font_size=13)
    figure.update_layout(
        hovermode="x unified",
        hoversubplots="axis",
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        height=100 + 230 * len(panels),
        legend={"orientation": "h", "y": -0.16 if len(panels) > 1 else -0.3},
    )
    return figure


def _draw_curve(figure: go.Figure, curve: Curve, row: int, half_life: float, legend: bool) -> None:
    line = {"color": curve.colour, "dash": curve.dash, "width": 2.2}
    quiet = {"hoverinfo": "skip", "showlegend": False, "legendgroup": curve.name}
    place = {"row": row, "col": 1}
    if curve.low is not None and curve.high is not None:
        edges = [smooth(edge, curve.images_seen, half_life) for edge in (curve.high, curve.low)]
        figure.add_scatter(
            x=np.concatenate([curve.x, curve.x[::-1]]),
            y=np.concatenate([edges[0], edges[1][::-1]]),
            fill="toself", mode="lines", line={"width": 0, "color": curve.colour}, opacity=0.35,
            **quiet, **place,
        )  # fmt: skip
    elif half_life > 0:
        figure.add_scatter(
            x=curve.x, y=curve.y, mode="lines", line=line, opacity=0.22, **quiet, **place
        )
    figure.add_scatter(
        x=curve.x,
        y=smooth(curve.y, curve.images_seen, half_life),
        name=curve.name,
        mode="lines" if len(curve.x) > 1 else "markers",
        line=line,
        legendgroup=curve.name,
        showlegend=legend,
        **place,
    )
