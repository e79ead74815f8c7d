"""Plotly's own check of every property of a figure, which the pages do not wait for."""

import plotly.graph_objects as go


def check(figure: go.Figure) -> go.Figure:
    """Return the figure built again with validation; ValueError names a wrong property.

    What a hand zoomed or hid stays so only where ``uirevision`` is something.
    """
    assert figure.layout.uirevision
    traces = [trace.to_plotly_json() for trace in figure.data]
    return go.Figure(data=traces, layout=figure.layout.to_plotly_json())
