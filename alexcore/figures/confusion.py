"""The confusion matrix of a run: shares of each class, with the counts written in."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure

_SCALE = [[0, "#e6eff5"], [1, "#0072b2"]]
_WRITTEN = 20


def plot_confusions(counts: npt.NDArray[np.int64], classes: Sequence[str]) -> go.Figure:
    """Draw counts (C, C), rows the true class, columns the predicted, coloured by share of row.

    Args:
        counts: From ``compute_confusion_matrix``.
        classes: Labels of both sides.
    """
    names = list(classes)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    cells: Trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": shares,
        "text": counts.tolist(),
        "texttemplate": "%{text}" if len(names) <= _WRITTEN else "",
        "colorscale": _SCALE,
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "hovertemplate": "%{y}, predicted %{x}: %{text} (%{z:.0%})<extra></extra>",
    }
    axis = {"showgrid": False, "fixedrange": True, "type": "category"}
    layout: Layout = {
        "xaxis": axis | {"title": {"text": "predicted"}},
        "yaxis": axis | {"title": {"text": "true class"}, "autorange": "reversed"},
    }
    return create_figure([cells], layout, min(90 + 46 * len(names), 640))
