"""Plotly's own check of every property of a figure, which the pages do not wait for."""

import plotly.graph_objects as go


def check(figure: go.Figure) -> go.Figure:
    """Return the figure built again with validation; ValueError names a wrong property."""
    traces = [trace.to_plotly_json() for trace in figure.data]
    return go.Figure(data=traces, layout=figure.layout.to_plotly_json())
