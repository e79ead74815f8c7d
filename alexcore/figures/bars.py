"""Small bar charts: likely classes, counted values, costs by layer, distances of neighbours."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure, name_axis, write_title
from alexcore.figures.palette import AGREES, LOWERS, MARKED, QUIET, RAISES

_COSTS, _DISTANCES = 330, 190


def plot_classes(
    labels: Sequence[str], probabilities: Sequence[float], truth: str | None = None
) -> go.Figure:
    """Draw the likeliest classes as the paper's figure 4 does, the true one in red.

    Args:
        labels: The likeliest first.
        probabilities: In [0, 1].
        truth: The right label, if it is known.
    """
    colours = [MARKED if label == truth else QUIET for label in labels]
    bars = _draw_classes(labels, probabilities, colours)
    return create_figure([bars], _frame_classes(1.25), 16 + 34 * len(labels))


def _draw_classes(
    labels: Sequence[str], probabilities: Sequence[float], colour: str | Sequence[str]
) -> Trace:
    """Return a bar for each class with its share in numbers."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(probabilities),
        "y": list(labels),
        "text": [f"{probability:.1%}" for probability in probabilities],
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": colour},
        "hoverinfo": "skip",
    }


def _frame_classes(right: float) -> Layout:
    """Return the axes of such bars, with room for the numbers up to ``right``."""
    return {
        "xaxis": {"range": [0, right], "visible": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "ticklabelstandoff": 4},
    }


def plot_change(
    labels: Sequence[str], before: Sequence[float], after: Sequence[float]
) -> go.Figure:
    """Draw classes before and after something was changed, one bar above the other.

    Args:
        labels: Of the classes, from above.
        before: Probabilities in [0, 1].
        after: Likewise.
    """
    bars: list[Trace] = [
        _draw_classes(labels, before, QUIET) | {"name": "before"},
        _draw_classes(labels, after, RAISES) | {"name": "after"},
    ]
    layout: Layout = _frame_classes(1.3) | {
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        "margin": {"t": 34},
    }
    return create_figure(bars, layout, 50 + 48 * len(labels))


def plot_effects(
    channels: Sequence[int],
    logits: Sequence[float],
    probabilities: Sequence[float],
    title: str,
) -> go.Figure:
    """Draw what channels do to the score of a class: red raises it, blue lowers it.

    Args:
        channels: Their numbers, from left to right.
        logits: What each adds to the class's logit.
        probabilities: And to its probability.
        title: Of the axis of logits.
    """
    bars: Trace = {
        "type": "bar",
        "x": [str(channel) for channel in channels],
        "y": list(logits),
        "customdata": [100 * share for share in probabilities],
        "marker": {"color": [RAISES if value > 0 else LOWERS for value in logits]},
        "hovertemplate": "channel %{x}: logit %{y:+.3g}, probability %{customdata:+.2g} points"
        "<extra></extra>",
    }
    layout: Layout = {
        "xaxis": {"type": "category", "title": {"text": "channel"}, "tickangle": -90},
        "yaxis": {"title": {"text": title}},
        "bargap": 0.2,
    }
    return create_figure([bars], layout, 340)


def plot_histogram(
    counts: npt.NDArray[np.int64],
    edges: npt.NDArray[np.float64],
    colour: str,
    unit: str = "weight",
) -> go.Figure:
    """Draw a histogram that was already counted, over a logarithmic axis.

    Args:
        counts: (B,) values a bin.
        edges: (B + 1,) borders.
        colour: Of the bars.
        unit: What was counted.
    """
    bars: Trace = {
        "type": "bar",
        "x": (edges[:-1] + edges[1:]) / 2,
        "y": np.where(counts > 0, counts, np.nan),  # a logarithm has no place for 0
        "width": np.diff(edges),
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": f"{unit} %{{x:.3g}}: %{{y:,d}}<extra></extra>",
    }
    top = float(np.log10(max(int(counts.max(initial=1)), 1))) + 0.15
    layout: Layout = {
        "bargap": 0,
        "xaxis": {"title": {"text": unit}},
        "yaxis": {"type": "log", "range": [-0.3, top], "dtick": 1, "tickformat": ",d"},
    }
    return create_figure([bars], layout, 220)


def plot_costs(
    labels: Sequence[str],
    costs: Mapping[str, Mapping[str, Sequence[float]]],
    colours: Sequence[str],
) -> go.Figure:
    """Draw a panel for each cost, with one bar a layer and model, side by side.

    Args:
        labels: Layers, in order.
        costs: {cost: {model: value a layer}}.
        colours: One a model.
    """
    traces: list[Trace] = []
    narrow: Layout = {"height": _COSTS * len(costs)}
    layout: Layout = {
        "barmode": "group",
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top"},
        "margin": {"l": 8, "r": 8, "t": 62, "b": 8},
        "annotations": [],
        "meta": {"narrow": narrow},
    }
    for panel, (title, models) in enumerate(costs.items()):
        x, y, xaxis, yaxis = (name_axis(kind, panel + 1) for kind in ("x", "y", "xaxis", "yaxis"))
        for (name, values), colour in zip(models.items(), colours, strict=True):
            traces.append({
                "type": "bar", "name": name, "x": list(labels), "y": list(values),
                "xaxis": x, "yaxis": y, "marker": {"color": colour},
                "legendgroup": name, "showlegend": panel == 0, "hovertemplate": "%{y:.4~s}",
            })  # fmt: skip
        low, high = panel / len(costs), (panel + 1) / len(costs)
        layout[xaxis] = {"domain": [low + 0.04 * (panel > 0), high], "anchor": y}
        layout[yaxis] = {"anchor": x, "tickformat": "~s", "rangemode": "tozero"}
        narrow[xaxis] = {"domain": [0, 1]}
        below, above = 1 - high + 0.08 * (high < 1), 1 - low - 0.08 * (low > 0)
        narrow[yaxis] = {"domain": [below, above]}
        layout["annotations"].append(write_title(f"{title} by layer", x, y))
    return create_figure(traces, layout, _COSTS)


def plot_distances(
    distances: npt.NDArray[np.float32],
    agree: Sequence[bool],
    labels: Sequence[str],
    meaning: str,
) -> go.Figure:
    """Draw the neighbours' distances in order, so that a step shows where the near ones end.

    Args:
        distances: (k,) ascending, or descending for the least similar.
        agree: Whether each has the class that is looked for.
        labels: Of each.
        meaning: What a green bar says.
    """
    bars: Trace = {
        "type": "bar",
        "x": list(range(1, len(labels) + 1)),
        "y": np.asarray(distances, np.float64),
        "customdata": list(labels),
        "marker": {"color": [AGREES if same else QUIET for same in agree]},
        "hovertemplate": "%{x}: %{customdata}, %{y:.4g}<extra></extra>",
    }
    folded = {"title": {"text": f"neighbour, green where<br>{meaning}"}}
    layout: Layout = {
        "xaxis": {
            "title": {"text": f"neighbour, green where {meaning}"},
            "tickformat": "d",
            "nticks": 12,
        },
        "yaxis": {"title": {"text": "distance"}, "rangemode": "tozero"},
        "meta": {"narrow": {"xaxis": folded, "height": _DISTANCES + 16}},
    }
    return create_figure([bars], layout, _DISTANCES)
