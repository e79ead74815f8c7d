"""How many seeds would see a difference, as a curve over the difference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure
from alexcore.figures.palette import MARKED, MODEL_COLOURS, QUIET

Series = npt.NDArray[np.floating[Any]]


def plot_seeds(
    detectable: Series,
    seeds: Sequence[int],
    spreads: tuple[float, float, float],
    chosen: tuple[float, int],
    widest: float,
) -> go.Figure:
    """Draw the seeds needed over the true difference, the chosen difference marked.

    Args:
        detectable: (S,) smallest difference each number of seeds sees, in spreads.
        seeds: (S,) ascending.
        spreads: Lowest plausible, estimated and highest plausible spread, in points.
        chosen: A difference in points, and the seeds at hand, drawn as a level.
        widest: Right end of the axis, in points.
    """
    low, middle, high = (detectable * spread for spread in spreads)
    count = np.asarray(seeds, np.float64)
    difference, at_hand = chosen
    quiet: Trace = {"type": "scatter", "mode": "lines", "showlegend": False, "hoverinfo": "skip"}
    band = quiet | {
        "x": np.concatenate([low, high[::-1]]), "y": np.concatenate([count, count[::-1]]),
        "fill": "toself", "fillcolor": MODEL_COLOURS["full"] + "22", "line": {"width": 0},
    }  # fmt: skip
    curve = quiet | {
        "x": middle, "y": count, "line": {"color": MODEL_COLOURS["full"], "width": 2.2},
        "hoverinfo": "all", "hovertemplate": "%{x:.2f} points: %{y} seeds<extra></extra>",
    }  # fmt: skip
    ends = [seeds[0], seeds[-1]]
    mark = quiet | {"x": [difference] * 2, "y": ends, "line": {"color": MARKED, "dash": "dash"}}
    level = quiet | {"x": [0, widest], "y": [at_hand] * 2, "line": {"color": QUIET, "dash": "dot"}}
    layout: Layout = {
        "xaxis": {"title": {"text": "true difference in points"}, "range": [0, widest]},
        "yaxis": {
            "title": {"text": "seeds needed"}, "type": "log",
            "range": np.log10(ends).tolist(), "tickvals": [2, 5, 10, 20, 50, 100, 200, 500, 1000],
        },
        "annotations": [{
            "text": f"{at_hand} seeds here", "x": 0, "xref": "paper", "xanchor": "left",
            "y": float(np.log10(at_hand)), "yanchor": "bottom", "showarrow": False,
        }],
    }  # fmt: skip
    return create_figure([band, curve, mark, level], layout, 260)
