"""How every chart is made: traces and a layout as plain dicts -> a Plotly figure in our manner.

A figure shows itself in a notebook and saves itself as HTML or PNG; the dashboard draws it in place
and lays its theme's colours over the template.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

Trace = dict[str, Any]
Layout = dict[str, Any]

_TEMPLATE: Layout = {
    "layout": {
        "font": {"family": "system-ui, sans-serif", "size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "dragmode": False,
        "bargap": 0.2,
        "xaxis": {"gridcolor": "#8b93a133", "zeroline": False, "automargin": True},
        "yaxis": {"gridcolor": "#8b93a133", "zeroline": False, "automargin": True},
    }
}


def create_figure(traces: Sequence[Trace], layout: Mapping[str, Any], height: int) -> go.Figure:
    """Return a figure of traces and layout that are known to be right.

    Plotly's own check of each property costs ten times as much as the figure, and a slider makes
    one for every step, so it is left to the tests.

    Args:
        traces: https://plotly.com/javascript/reference; arrays may be numpy's.
        layout: Likewise; ``meta["narrow"]`` holds what a narrow screen lays out otherwise.
        height: In pixels; the width is free.
    """
    whole = {"template": _TEMPLATE, "height": height, "uirevision": True, **layout}
    return go.Figure({"data": list(traces), "layout": whole}, _validate=False)


def name_axis(kind: str, number: int) -> str:
    """Return Plotly's name of an axis, whose first bears no number: ``x``, ``x2``, ``yaxis3``."""
    return kind if number == 1 else f"{kind}{number}"


def write_title(text: str, x: str, y: str) -> Layout:
    """Return the annotation that names a panel, above its left corner.

    Args:
        text: Plain.
        x: The panel's horizontal axis, as a trace names it.
        y: Its vertical axis.
    """
    return {
        "text": f"<b>{text}</b>", "xref": f"{x} domain", "yref": f"{y} domain",
        "x": 0, "y": 1.01, "xanchor": "left", "yanchor": "bottom", "showarrow": False,
        "font": {"size": 13},
    }  # fmt: skip
