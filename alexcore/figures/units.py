"""How many units of each layer answer to a part: a bar a layer, a colour a part."""

from collections import Counter
from collections.abc import Mapping

import plotly.graph_objects as go

from alexcore.figures.figure import Layout, Trace, create_figure
from alexcore.figures.palette import CLASS_COLOURS, QUIET

_COLOURS = CLASS_COLOURS[:-1]  # the last is the grey of the others
_OTHERS = "other parts"


def plot_units(counts: Mapping[str, Mapping[str, int]], sizes: Mapping[str, int]) -> go.Figure:
    """Draw named units by layer and part; the parts with most units have a colour of their own.

    Args:
        counts: {layer: {part: units that bear its name}}.
        sizes: {layer: units in all}.
    """
    totals = Counter[str]()
    for of_layer in counts.values():
        totals.update(of_layer)
    own = [part for part, _ in totals.most_common(len(_COLOURS))]
    traces = [
        _draw_part(part, colour, {layer: found.get(part, 0) for layer, found in counts.items()})
        for part, colour in zip(own, _COLOURS, strict=False)
    ]
    rest = {
        layer: sum(n for part, n in found.items() if part not in own)
        for layer, found in counts.items()
    }
    if any(rest.values()):
        traces.append(_draw_part(_OTHERS, QUIET, rest))
    named = {layer: sum(found.values()) for layer, found in counts.items()}
    shares: list[Layout] = [
        {"x": layer, "y": named[layer], "text": f"{named[layer]} of {sizes[layer]}",
         "yanchor": "bottom", "showarrow": False}
        for layer in counts
    ]  # fmt: skip
    layout: Layout = {
        "barmode": "stack",
        "xaxis": {"type": "category", "categoryorder": "array", "categoryarray": list(counts),
                  "fixedrange": True},
        "yaxis": {"title": {"text": "units"}, "range": [0, max([*named.values(), 1]) * 1.1],
                  "fixedrange": True},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top",
                   "traceorder": "normal"},
        "margin": {"t": 84},
        "annotations": shares,
    }  # fmt: skip
    return create_figure(traces, layout, 420)


def _draw_part(part: str, colour: str, units: Mapping[str, int]) -> Trace:
    return {
        "type": "bar", "name": part, "x": list(units), "y": list(units.values()),
        "marker": {"color": colour}, "hovertemplate": f"%{{y}} of %{{x}}<extra>{part}</extra>",
    }  # fmt: skip
