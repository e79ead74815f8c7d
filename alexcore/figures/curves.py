"""Learning curves: runs over images seen, smoothed alike whatever their batch size.

histories -> ``Curve`` -> ``plot_curves`` -> ``Chart``, which the page draws.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from alexcore.figures.charts import Chart, Option

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

_HEIGHT, _STEP = 176, 236
_INNER_LABELS = {"showMinLabel": False, "showMaxLabel": False}
_TITLE_STYLE = {"fontSize": 13, "fontWeight": 500}


@dataclass(frozen=True, slots=True)
class Curve:
    """One line.

    Attributes:
        name: In the legend; lines of one name are switched on and off together.
        colour: Of the line and its band.
        dash: ``solid``, ``dashed`` or ``dotted``.
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
) -> Chart:
    """Draw panels above each other over one axis, hover and zoom linked.

    The raw values stay faint under the smoothed ones.

    Args:
        panels: From above to below.
        x_title: Of the axis they share.
        half_life: See ``smooth``.
        log: Whether losses stand on a logarithmic axis.
        clip: Whether the axis leaves out the outermost 2% of the values on either side.
        drops: Positions of learning-rate drops, and what to write there.
    """
    numbers = range(len(panels))
    legend = dict.fromkeys(curve.name for panel in panels for curve in panel.curves)
    option: Option = {
        "animation": False,
        "title": [
            {"text": panel.title, "left": 4, "top": _STEP * i + 4, "textStyle": _TITLE_STYLE}
            for i, panel in enumerate(panels)
        ],
        "grid": [
            {"left": 56, "right": 14, "top": _STEP * i + 34, "height": _HEIGHT} for i in numbers
        ],
        "xAxis": [
            {
                "type": "value", "gridIndex": i, "min": 0, "max": "dataMax",
                "name": x_title if i == len(panels) - 1 else "",
                "nameLocation": "middle", "nameGap": 26,
            }
            for i in numbers
        ],
        "yAxis": [_create_axis(panel, i, log, clip) for i, panel in enumerate(panels)],
        "series": [
            series
            for i, panel in enumerate(panels)
            for series in (_draw_drops(i, drops), *_draw_curves(panel, i, half_life))
        ],
        "legend": {
            "data": list(legend), "bottom": 0, "type": "scroll", "itemWidth": 30,
            "itemStyle": {"opacity": 0},
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "axisPointer": {"label": {"precision": 0}},
        },
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "toolbox": {
            "right": 12, "top": 0, "itemSize": 13,
            "feature": {"dataZoom": {"yAxisIndex": False}, "restore": {}},
        },
    }  # fmt: skip
    return Chart(option, _STEP * len(panels) + 54)


def _create_axis(panel: Panel, number: int, log: bool, clip: bool) -> Option:
    """Return the vertical axis: shares in percent, losses as they are or logarithmic."""
    axis: Option = {
        "type": "log" if log and not panel.percent else "value",
        "gridIndex": number,
        "scale": True,
        "axisLabel": _INNER_LABELS | ({"formatter": "{value} %"} if panel.percent else {}),
    }
    span = find_range(panel.curves) if clip else None
    if span:
        low, high = (100 * span[0], 100 * span[1]) if panel.percent else span
        if axis["type"] == "log":
            low = max(low, min(float(np.nanmin(c.y[c.y > 0], initial=high)) for c in panel.curves))
        axis |= {"min": low, "max": high}
    return axis


def _draw_drops(number: int, drops: Sequence[tuple[float, str]]) -> Option:
    """Return a series without points that carries the vertical lines."""
    return {
        "type": "line", "xAxisIndex": number, "yAxisIndex": number, "data": [],
        "markLine": {
            "silent": True, "symbol": "none",
            "lineStyle": {"type": "dotted", "color": "#8b93a1"},
            "label": {"show": number == 0, "fontSize": 11, "color": "#8b93a1"},
            "data": [{"xAxis": x, "label": {"formatter": text}} for x, text in drops],
        },
    }  # fmt: skip


def _draw_curves(panel: Panel, number: int, half_life: float) -> Iterator[Option]:
    """Yield each line, and under it its band or its raw values."""
    factor = 100 if panel.percent else 1
    for curve in panel.curves:
        common = {
            "type": "line", "name": curve.name, "xAxisIndex": number, "yAxisIndex": number,
            "itemStyle": {"color": curve.colour},
        }  # fmt: skip
        quiet = common | {"z": 1, "showSymbol": False, "silent": True, "tooltip": {"show": False}}
        stroke = {"color": curve.colour, "type": curve.dash, "width": 2.2}
        yield common | {
            "data": _pair(curve.x, factor * smooth(curve.y, curve.images_seen, half_life)),
            "showSymbol": len(curve.x) == 1,
            "lineStyle": stroke,
            "tooltip": {"valueFormatter": "%.1f %%" if panel.percent else "%.3f"},
        }
        if curve.low is not None and curve.high is not None:
            low, high = (
                factor * smooth(edge, curve.images_seen, half_life)
                for edge in (curve.low, curve.high)
            )
            edge = quiet | {"stack": f"{curve.name} {number}", "lineStyle": {"opacity": 0}}
            fill = {"color": curve.colour, "opacity": 0.2}
            yield edge | {"data": _pair(curve.x, low)}
            yield edge | {"data": _pair(curve.x, high - low), "areaStyle": fill}
        elif half_life > 0:
            raw = _pair(curve.x, factor * curve.y)
            yield quiet | {"data": raw, "lineStyle": stroke | {"opacity": 0.22}}


def _pair(x: Series, y: Series) -> list[tuple[float, float | None]]:
    """Return points as JSON has them: what is not finite is a gap."""
    rounded = [round(value, 6) if np.isfinite(value) else None for value in y.tolist()]
    return list(zip(x.tolist(), rounded, strict=True))
