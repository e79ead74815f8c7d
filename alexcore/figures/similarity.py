"""How alike the layers of two nets are, as one matrix."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure
from alexcore.figures.palette import MARKED

_CELL, _FRAME = 20, 110


def plot_similarity(
    values: npt.NDArray[np.float64],
    layers: tuple[Sequence[str], Sequence[str]],
    names: tuple[str, str],
    chosen: tuple[str, str],
) -> go.Figure:
    """Draw the similarity of every layer of one net to every layer of another.

    Args:
        values: In [0, 1], (L, M).
        layers: The L of the one net, from above, and the M of the other, from the left.
        names: Of the nets.
        chosen: A layer of each, framed; nothing is where one is not there.
    """
    rows, columns = (list(labels) for labels in layers)
    cells: Trace = {
        "type": "heatmap", "x": columns, "y": rows, "z": values, "zmin": 0, "zmax": 1,
        "colorscale": "Viridis", "xgap": 1, "ygap": 1, "colorbar": {"thickness": 12, "len": 1},
        "hovertemplate": f"%{{y}} of {names[0]}<br>%{{x}} of {names[1]}<br>CKA %{{z:.2f}}"
        "<extra></extra>",
    }  # fmt: skip
    axis = {"showgrid": False, "fixedrange": True, "type": "category", "dtick": 1}
    layout: Layout = {
        "xaxis": axis | {"title": {"text": names[1]}, "tickangle": -90},
        "yaxis": axis | {"title": {"text": names[0], "standoff": 12}, "autorange": "reversed"},
    }
    if chosen[0] in rows and chosen[1] in columns:
        y, x = rows.index(chosen[0]), columns.index(chosen[1])
        layout["shapes"] = [{
            "type": "rect", "x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5,
            "line": {"color": MARKED, "width": 3},
        }]  # fmt: skip
    return create_figure([cells], layout, _FRAME + _CELL * len(rows))
