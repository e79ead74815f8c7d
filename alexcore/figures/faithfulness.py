"""Deletion and insertion curves of several heatmaps, side by side: what tells good from bad."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure, name_axis, write_title
from alexcore.figures.palette import CLASS_COLOURS

_HEIGHT, _NARROW = 330, 600
Values = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One way of taking or giving pixels.

    Attributes:
        title: Above it.
        axis: What is counted along it.
        curves: {method: (x, y)}, shares of the pixels and probabilities, in [0, 1].
    """

    title: str
    axis: str
    curves: Mapping[str, tuple[Values, Values]]


def plot_faithfulness(panels: tuple[Panel, Panel], colours: Mapping[str, str]) -> go.Figure:
    """Draw each method's curves in its colour, one panel a way; the legend switches both.

    Args:
        panels: Left and right; a narrow screen has them one below the other.
        colours: {method: colour}.
    """
    traces: list[Trace] = []
    narrow: Layout = {"height": _NARROW}
    layout: Layout = {
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        "margin": {"l": 8, "r": 8, "t": 84, "b": 8},
        "annotations": [],
        "meta": {"narrow": narrow},
    }
    for number, panel in enumerate(panels, start=1):
        x, y, xaxis, yaxis = (name_axis(kind, number) for kind in ("x", "y", "xaxis", "yaxis"))
        for name, (shares, values) in panel.curves.items():
            traces.append({
                "type": "scatter", "mode": "lines", "name": name, "legendgroup": name,
                "x": shares, "y": values, "xaxis": x, "yaxis": y, "showlegend": number == 1,
                "line": {"color": colours[name], "width": 2}, "hovertemplate": "%{y:.1%}",
            })  # fmt: skip
        low = 0.53 * (number - 1)
        layout[xaxis] = {
            "domain": [low, low + 0.47], "anchor": y, "range": [0, 1], "tickformat": ".0%",
            "title": {"text": panel.axis},
        }  # fmt: skip
        layout[yaxis] = {"anchor": x, "range": [0, 1.02], "tickformat": ".0%"}
        narrow[xaxis] = {"domain": [0, 1]}
        narrow[yaxis] = {"domain": [0.58, 1] if number == 1 else [0, 0.4]}
        layout["annotations"].append(write_title(panel.title, x, y))
    return create_figure(traces, layout, _HEIGHT)


def colour_methods(methods: tuple[str, ...]) -> dict[str, str]:
    """Return a colour for each method, whichever of them are shown."""
    return dict(zip(methods, CLASS_COLOURS, strict=False))
