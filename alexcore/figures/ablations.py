"""What each change of a net did to its errors: bars of points, with the counts behind them."""

from collections.abc import Sequence

import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure
from alexcore.figures.palette import MARKED, MODEL_COLOURS
from alexcore.models.sources_2012 import Ablation

_ROW, _NAME, _BAR = 66, -0.34, 0.27
_ENDS = [-0.3, 3.3]  # the longest bar leaves room for its counts, on a phone too
_SERIES = {"top-1": MODEL_COLOURS["full"], "top-5": MODEL_COLOURS["half"]}


def plot_ablations(ablations: Sequence[Ablation]) -> go.Figure:
    """Draw how much the errors rise, the paper's figures as marks.

    Args:
        ablations: From above to below.
    """
    traces: list[Trace] = []
    for place, (name, colour) in enumerate(_SERIES.items()):
        traces += _draw_series(ablations, place, name, colour)
    names = [
        {
            "text": f"<b>{a.change}</b> ({a.result.net} against {a.against.net})", "x": 0,
            "y": row + _NAME, "xanchor": "left", "showarrow": False,
        }
        for row, a in enumerate(ablations)
    ]  # fmt: skip
    layout: Layout = {
        "xaxis": {
            "title": {"text": "points of error more"}, "range": _ENDS,
            "tickvals": [0, 0.5, 1, 1.5, 2], "zeroline": True, "zerolinecolor": "#8b93a1",
        },
        "yaxis": {"range": [len(ablations) - 0.4, -0.6], "visible": False},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top",
                   "traceorder": "normal"},
        "margin": {"l": 8, "r": 8, "t": 34, "b": 8},
        "annotations": names,
    }  # fmt: skip
    return create_figure(traces, layout, 80 + _ROW * len(ablations))


def _draw_series(
    ablations: Sequence[Ablation], place: int, name: str, colour: str
) -> tuple[Trace, Trace, Trace]:
    """Return one error's bars, the paper's marks on them, and the counts to their right."""
    rows = [row + place * _BAR for row in range(len(ablations))]
    points = [a.points[place] for a in ablations]
    printed = [a.printed[place] if a.printed else None for a in ablations]
    wrong = [(a.result.wrong[place], a.against.wrong[place]) for a in ablations]
    bars: Trace = {
        "type": "bar", "orientation": "h", "name": name, "x": points, "y": rows,
        "width": _BAR * 0.86, "marker": {"color": colour}, "customdata": wrong,
        "hovertemplate": "%{x:+.3f} points: %{customdata[0]:,} wrong, %{customdata[1]:,} without "
                         f"the change<extra>{name}</extra>",
    }  # fmt: skip
    marks: Trace = {
        "type": "scatter", "mode": "markers", "name": "in the paper", "x": printed, "y": rows,
        "showlegend": place == 1, "legendgroup": "paper",
        "marker": {"symbol": "line-ns", "size": 14, "line": {"color": MARKED, "width": 3}},
        "hovertemplate": "%{x} points in the paper<extra></extra>",
    }  # fmt: skip
    counts: Trace = {
        "type": "scatter", "mode": "text", "showlegend": False, "hoverinfo": "skip", "y": rows,
        "x": [max(value, told or 0, 0) for value, told in zip(points, printed, strict=True)],
        "text": [f"  {value:+.2f} · {after:,} / {before:,}"
                 for value, (after, before) in zip(points, wrong, strict=True)],
        "textposition": "middle right", "cliponaxis": False,
    }  # fmt: skip
    return bars, marks, counts
