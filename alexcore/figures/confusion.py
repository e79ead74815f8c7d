"""The confusion matrix of a run: shares of each class, with the counts written in."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go


def plot_confusions(counts: npt.NDArray[np.int64], classes: Sequence[str]) -> go.Figure:
    """Draw counts (C, C), rows the right class, columns the answer, coloured by share of the row.

    Args:
        counts: From ``count_confusions``.
        classes: Labels of both sides.
    """
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=shares, x=list(classes), y=list(classes), zmin=0, zmax=1, colorscale="Blues",
            text=counts if len(classes) <= 20 else None, texttemplate="%{text}", showscale=False,
            customdata=counts, xgap=2, ygap=2,
            hovertemplate="%{y} taken for %{x}: %{customdata} (%{z:.0%})<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        height=min(90 + 46 * len(classes), 640),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": "answer", "side": "bottom"},
        yaxis={"title": "right class", "autorange": "reversed"},
    )
    return figure
