"""What happened in each layer over a run's epochs: rows of ``layers.csv`` -> a line a layer."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure
from alexcore.figures.palette import CLASS_COLOURS, QUIET
from alexcore.runs.layers import LayerEpoch

Quantity = Literal["gradient_norm", "update_ratio", "silent_share", "weight_std"]
_HEIGHT = 380
_GOOD_RATIO = 1e-3


@dataclass(frozen=True, slots=True)
class QuantityText:
    """What people read of a quantity.

    Attributes:
        title: Its name.
        reading: How to read the chart, in a sentence or two.
    """

    title: str
    reading: str


QUANTITIES: dict[Quantity, QuantityText] = {
    "update_ratio": QuantityText(
        "update / weight",
        "How far one step moves a layer, as a share of the size of its weights. About a thousandth "
        "(dotted) is a good pace; far below it a layer hardly learns, and from a hundredth up the "
        "learning rate is too high for it.",
    ),
    "gradient_norm": QuantityText(
        "gradient norm",
        "How strongly the loss pulls at a layer. Level lines are healthy; one that falls towards "
        "zero belongs to a layer that no longer learns, one that shoots up to a run about to "
        "diverge.",
    ),
    "silent_share": QuantityText(
        "silent ReLUs",
        "Share of the channels (in fc6 and fc7, units) that are zero on every validation picture. "
        "They get no gradient from those pictures; a share that keeps rising means that the "
        "learning rate is too high.",
    ),
    "weight_std": QuantityText(
        "spread of the weights",
        "Standard deviation of a layer's weights. It grows slowly while a layer learns; a jump "
        "means that a step was far too long.",
    ),
}
"""In the order in which they are offered."""


def plot_layers(rows: Iterable[LayerEpoch], quantity: Quantity) -> go.Figure:
    """Draw one line a layer over the epochs; norms, ratios and spreads on a logarithmic axis.

    What is not finite, or not positive on a logarithmic axis, is left out.

    Args:
        rows: Of one run.
        quantity: The column.
    """
    percent = quantity == "silent_share"
    points: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        value = getattr(row, quantity)
        if isfinite(value) and (percent or value > 0):
            points.setdefault(row.layer, []).append((row.epoch, value))
    traces: list[Trace] = [
        {
            "type": "scatter", "name": layer,
            "mode": "lines+markers" if len(found) < 3 else "lines",
            "x": [epoch for epoch, _ in found], "y": [value for _, value in found],
            "line": {"color": CLASS_COLOURS[number % len(CLASS_COLOURS)], "width": 2.2},
            "hovertemplate": "%{y:.1%}" if percent else "%{y:.3g}",
        }
        for number, (layer, found) in enumerate(points.items())
    ]  # fmt: skip
    layout: Layout = {
        "hovermode": "x unified",
        "dragmode": "zoom",
        "uirevision": quantity,
        "xaxis": {"title": {"text": "epoch", "standoff": 6}},
        "yaxis": {"tickformat": ".0%", "rangemode": "tozero"} if percent else
                 {"type": "log", "exponentformat": "power"},
        "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
        "margin": {"l": 60, "r": 14, "t": 10, "b": 92},
    }  # fmt: skip
    if quantity == "update_ratio":
        layout["shapes"] = [{
            "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": _GOOD_RATIO, "y1": _GOOD_RATIO,
            "line": {"color": QUIET, "width": 1, "dash": "dot"},
        }]  # fmt: skip
    return create_figure(traces, layout, _HEIGHT)
