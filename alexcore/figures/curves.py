"""Learning curves: runs over images seen, smoothed alike whatever their batch size.

histories -> ``Curve`` -> ``plot_curves`` -> one figure of all panels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure, name_axis, write_title

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

_PANEL, _TITLE, _APART, _BELOW, _FOOT = 176, 26, 18, 40, 84
_LEFT, _GUTTER = 52, 0.1
_IN_A_ROW, _ROWS = 4, 40
"""Names a narrow legend has in one row, and the pixels of more rows."""
_MARK = "#8b93a1"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line.

    Attributes:
        name: In the legend; lines of one name are switched on and off together.
        colour: Of the line and its band.
        dash: As Plotly names it: ``solid``, ``dash`` or ``dot``.
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
    """One chart of a column: its title, its lines, and whether they are shares of one."""

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


@dataclass(frozen=True, slots=True)
class Axes:
    """How curves are laid over their axes.

    Attributes:
        x_title: Of the horizontal axis, which all panels share.
        half_life: See ``smooth``.
        log: Whether losses stand on a logarithmic axis.
        clip: Whether the vertical axis leaves out the outermost 2% of the values on either side.
        drops: Positions of learning-rate drops, and what to write there.
    """

    x_title: str
    half_life: float = 0.0
    log: bool = False
    clip: bool = True
    drops: Sequence[tuple[float, str]] = ()


def plot_curves(columns: Sequence[Sequence[Panel]], axes: Axes) -> go.Figure:
    """Draw columns of panels side by side, hover and zoom linked within a column.

    The raw values stay faint under the smoothed ones. A narrow screen has the columns below each
    other.

    Args:
        columns: From left to right, their panels from above to below.
        axes: Shared by all.
    """
    traces: list[Trace] = []
    layout: Layout = {
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "dragmode": "zoom",
        "uirevision": axes.x_title,
        "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        "margin": {"l": _LEFT, "r": 14, "t": _TITLE, "b": _FOOT, "autoexpand": False},
        "annotations": [],
        "shapes": [],
    }
    named: set[str] = set()
    number = 0
    for column, panels in enumerate(columns, start=1):
        for row, panel in enumerate(panels):
            number += 1
            x, y = name_axis("x", column), name_axis("y", number)
            places = {"xaxis": x, "yaxis": y}
            traces += [trace | places for trace in _draw_panel(panel, axes.half_life, named)]
            layout[name_axis("yaxis", number)] = {"anchor": x, **_create_axis(panel, axes)}
            layout["annotations"].append(write_title(panel.title, x, y))
            _mark_drops(layout, axes.drops, (x, y), labelled=row == 0)
        layout[name_axis("xaxis", column)] = _create_shared_axis(axes.x_title, y)
    wide = _place(columns, [list(range(len(columns)))])
    narrow = _place(columns, [[column] for column in range(len(columns))])
    if len(named) > _IN_A_ROW:
        narrow |= {"height": narrow["height"] + _ROWS, "margin": {"b": _FOOT + _ROWS}}
    layout["meta"] = {"narrow": narrow}
    height = int(wide.pop("height"))
    for name, place in wide.items():
        layout[name] |= place
    return create_figure(traces, layout, height)


def _place(columns: Sequence[Sequence[Panel]], bands: Sequence[Sequence[int]]) -> Layout:
    """Return the height and each axis's domain for bands of columns below each other."""
    step = _TITLE + _PANEL + _APART
    heights = [max(len(columns[column]) for column in band) * step + _BELOW for band in bands]
    inner = sum(heights) - _TITLE - _APART - _BELOW
    placed: Layout = {"height": inner + _TITLE + _FOOT}
    firsts = np.cumsum([1, *(len(panels) for panels in columns)])
    for band, top in zip(bands, np.cumsum([0, *heights]).tolist(), strict=False):
        for place, column in enumerate(band):
            left, right = place / len(band), (place + 1) / len(band)
            gaps = _GUTTER * (place > 0), _GUTTER * (place < len(band) - 1)
            domain = [left + gaps[0] / 2, right - gaps[1] / 2]
            placed[name_axis("xaxis", column + 1)] = {"domain": domain}
            for row in range(len(columns[column])):
                above = top + row * step
                domain = [1 - (above + _PANEL) / inner, 1 - above / inner]
                name = name_axis("yaxis", int(firsts[column]) + row)
                placed[name] = {"domain": [max(domain[0], 0), domain[1]]}
    return placed


def _create_shared_axis(title: str, lowest: str) -> Layout:
    """Return a column's horizontal axis, which stands below its lowest panel."""
    return {
        "anchor": lowest,
        "title": {"text": title, "standoff": 6},
        "rangemode": "tozero",
        "showspikes": True, "spikemode": "across", "spikesnap": "cursor", "spikethickness": 1,
        "spikedash": "dot", "spikecolor": _MARK,
    }  # fmt: skip


def _create_axis(panel: Panel, axes: Axes) -> Layout:
    """Return the vertical axis: shares in percent, losses as they are or logarithmic."""
    log = axes.log and not panel.percent
    axis: Layout = {"type": "log" if log else "linear", "ticksuffix": " %" if panel.percent else ""}
    span = find_range(panel.curves) if axes.clip else None
    if span is None:
        return axis
    low, high = (100 * span[0], 100 * span[1]) if panel.percent else span
    if log:
        least = min(float(np.nanmin(c.y[c.y > 0], initial=high)) for c in panel.curves)
        low, high = np.log10([max(low, least), high]).tolist()
    return axis | {"range": [low, high]}


def _mark_drops(
    layout: Layout, drops: Sequence[tuple[float, str]], place: tuple[str, str], labelled: bool
) -> None:
    """Add a vertical line for each drop of the learning rate, with its text in one panel."""
    across = {"xref": place[0], "yref": f"{place[1]} domain"}
    for x, text in drops:
        line = {"color": _MARK, "width": 1, "dash": "dot"}
        layout["shapes"].append(
            {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "line": line, **across}
        )
        if labelled:
            layout["annotations"].append({
                "text": text, "x": x, "y": 1, "xanchor": "left", "yanchor": "top",
                "showarrow": False, "font": {"size": 10, "color": _MARK}, **across,
            })  # fmt: skip


def _draw_panel(panel: Panel, half_life: float, named: set[str]) -> Iterator[Trace]:
    """Yield each line, and before it its band as one closed line, or its raw values."""
    factor = 100 if panel.percent else 1
    for curve in panel.curves:
        y = factor * smooth(curve.y, curve.images_seen, half_life)
        common: Trace = {"type": "scatter", "mode": "lines", "legendgroup": curve.name}
        quiet = common | {"showlegend": False, "hoverinfo": "skip"}
        stroke = {"color": curve.colour, "dash": curve.dash, "width": 2.2}
        if curve.low is not None and curve.high is not None:
            low, high = (
                factor * smooth(edge, curve.images_seen, half_life)
                for edge in (curve.low, curve.high)
            )
            yield quiet | {
                "x": np.concatenate([curve.x, curve.x[::-1]]),
                "y": np.concatenate([high, low[::-1]]),
                "fill": "toself", "fillcolor": curve.colour, "opacity": 0.2, "line": {"width": 0},
            }  # fmt: skip
        elif half_life > 0:
            yield quiet | {"x": curve.x, "y": factor * curve.y, "line": stroke, "opacity": 0.25}
        yield common | {
            "name": curve.name, "x": curve.x, "y": y, "line": stroke,
            "mode": "lines+markers" if len(curve.x) == 1 else "lines",
            "showlegend": curve.name not in named,
            "hovertemplate": "%{y:.1f} %" if panel.percent else "%{y:.3f}",
        }  # fmt: skip
        named.add(curve.name)
