"""The reliability curve: how often runs are right over how sure they are."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure
from alexcore.figures.palette import QUIET
from alexcore.runs.calibration import Calibration

_LARGEST = 18
_DASHES = ("solid", "dot")


def plot_calibration(found: Mapping[str, Calibration], colours: Mapping[str, str]) -> go.Figure:
    """Draw a line for each run, a dot for each bin by its pictures, and the diagonal.

    Args:
        found: {run: its calibration}, one or two.
        colours: {run: colour}.
    """
    traces: list[Trace] = [
        {
            "type": "scatter", "mode": "lines", "x": [0, 1], "y": [0, 1],
            "name": "as sure as right", "hoverinfo": "skip",
            "line": {"color": QUIET, "dash": "dash", "width": 1},
        }
    ]  # fmt: skip
    for (name, calibration), dash in zip(found.items(), _DASHES, strict=False):
        bins = calibration.bins
        x, y = [each.confidence for each in bins], np.array([each.accuracy for each in bins])
        low, high = np.array([each.interval for each in bins]).T
        sizes = 5 + _LARGEST * np.sqrt([each.pictures / calibration.pictures for each in bins])
        traces.append({
            "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y,
            "line": {"color": colours[name], "dash": dash, "width": 2},
            "marker": {"size": sizes, "color": colours[name]},
            "error_y": {"type": "data", "symmetric": False, "array": high - y,
                        "arrayminus": y - low, "thickness": 1, "width": 3},
            "customdata": [[each.correct, each.pictures] for each in bins],
            "hovertemplate": "sure %{x:.1%}, right %{y:.1%}<br>%{customdata[0]} of "
            f"%{{customdata[1]}} pictures<extra>{name}</extra>",
        })  # fmt: skip
    axis = {"range": [-0.02, 1.04], "tickformat": ".0%", "fixedrange": True}
    layout: Layout = {
        "xaxis": axis | {"title": {"text": "probability of the predicted class"}},
        "yaxis": axis | {"title": {"text": "share that is right"}},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        "margin": {"t": 34},
    }
    return create_figure(traces, layout, 360)
