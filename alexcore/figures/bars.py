"""Small bar charts: the classes a net finds likely, and what each layer costs."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from alexcore.figures.palette import AGREES, MARKED, QUIET


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
    figure = go.Figure(
        go.Bar(
            x=list(probabilities),
            y=list(labels),
            orientation="h",
            marker={"color": colours},
            text=[f"{p:.1%}" for p in probabilities],
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(
        height=46 + 34 * len(labels),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"range": [0, 1.25], "visible": False},
        yaxis={"autorange": "reversed", "title": None},
        bargap=0.25,
    )
    return figure


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
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges),
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{x:.4f}: %{y:,}<extra></extra>",
        )
    )
    figure.update_layout(
        height=220,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": unit},
        yaxis={"type": "log", "title": "count"},
        bargap=0,
    )
    return figure


def plot_costs(
    labels: Sequence[str], costs: Mapping[str, tuple[Sequence[float], str]]
) -> go.Figure:
    """Draw one bar a layer and model, side by side.

    Args:
        labels: Layers, in order.
        costs: {model title: (value a layer, colour)}.
    """
    figure = go.Figure(
        [
            go.Bar(x=list(labels), y=list(values), name=title, marker={"color": colour})
            for title, (values, colour) in costs.items()
        ]
    )
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": 1.12},
        yaxis={"tickformat": "~s"},
        bargap=0.25,
    )
    return figure


def plot_distances(
    distances: npt.NDArray[np.float32], agree: Sequence[bool], labels: Sequence[str]
) -> go.Figure:
    """Draw the neighbours' distances in order, so that a step shows where the near ones end.

    Args:
        distances: (k,) ascending, or descending for the least similar.
        agree: Whether each has the query's label.
        labels: Of each.
    """
    figure = go.Figure(
        go.Bar(
            x=list(range(1, len(labels) + 1)),
            y=distances,
            marker={"color": [AGREES if same else QUIET for same in agree]},
            customdata=list(labels),
            hovertemplate="%{x}: %{customdata}, %{y:.4g}<extra></extra>",
        )
    )
    figure.update_layout(
        height=170,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": "neighbour, green where the label is the query's"},
        yaxis={"title": "distance"},
        bargap=0.2,
    )
    return figure
