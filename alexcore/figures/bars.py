"""Small bar charts: likely classes, counted values, what each layer costs, how near neighbours are.

Arrays -> ``Chart``, which the page draws.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from alexcore.figures.charts import Chart, Option
from alexcore.figures.palette import AGREES, MARKED, QUIET

_UNITS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def plot_classes(
    labels: Sequence[str], probabilities: Sequence[float], truth: str | None = None
) -> Chart:
    """Draw the likeliest classes as the paper's figure 4 does, the true one in red.

    Args:
        labels: The likeliest first.
        probabilities: In [0, 1].
        truth: The right label, if it is known.
    """
    bars = [
        {
            "value": probability,
            "itemStyle": {"color": MARKED if label == truth else QUIET},
            "label": {"formatter": f"{probability:.1%}"},
        }
        for label, probability in zip(labels, probabilities, strict=True)
    ]
    option: Option = {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 8, "bottom": 8},
        "xAxis": {"type": "value", "max": 1.25, "show": False},
        "yAxis": {
            "type": "category", "data": list(labels), "inverse": True,
            "axisLabel": {"width": 100, "overflow": "truncate"},
        },
        "series": [
            {"type": "bar", "data": bars, "label": {"show": True, "position": "right"},
             "silent": True}
        ],
    }  # fmt: skip
    return Chart(option, 16 + 34 * len(labels))


def plot_histogram(
    counts: npt.NDArray[np.int64],
    edges: npt.NDArray[np.float64],
    colour: str,
    unit: str = "weight",
) -> Chart:
    """Draw a histogram that was already counted, over a logarithmic axis.

    Args:
        counts: (B,) values a bin.
        edges: (B + 1,) borders.
        colour: Of the bars.
        unit: What was counted.
    """
    middles = [f"{middle:.3g}" for middle in (edges[:-1] + edges[1:]) / 2]
    option: Option = {
        "animation": False,
        "grid": {"left": 28, "right": 8, "top": 10, "bottom": 24},
        "xAxis": {
            "type": "category", "data": middles, "name": unit,
            "nameLocation": "middle", "nameGap": 26,
        },
        "yAxis": {"type": "log", "min": 0.5, "axisLabel": {"showMinLabel": False}},
        "series": [
            {
                "type": "bar", "barCategoryGap": "0%", "itemStyle": {"color": colour},
                "data": [count or None for count in counts.tolist()],
                "tooltip": {"valueFormatter": "%,d"},
            }
        ],
        "tooltip": {"trigger": "axis", "confine": True},
    }  # fmt: skip
    return Chart(option, 220)


def plot_costs(labels: Sequence[str], costs: Mapping[str, tuple[Sequence[float], str]]) -> Chart:
    """Draw one bar a layer and model, side by side.

    Args:
        labels: Layers, in order.
        costs: {model title: (value a layer, colour)}.
    """
    largest = max((value for values, _ in costs.values() for value in values), default=0)
    scale, unit = next((pair for pair in _UNITS if largest >= pair[0]), (1.0, ""))
    option: Option = {
        "animation": False,
        "grid": {"left": 8, "right": 8, "top": 34, "bottom": 28},
        "legend": {"top": 0},
        "xAxis": {"type": "category", "data": list(labels)},
        "yAxis": {"type": "value", "axisLabel": {"formatter": f"{{value}} {unit}".rstrip()}},
        "series": [
            {
                "type": "bar", "name": title, "itemStyle": {"color": colour},
                "data": [round(value / scale, 6) for value in values],
                "tooltip": {"valueFormatter": f"%.3f {unit}".rstrip()},
            }
            for title, (values, colour) in costs.items()
        ],
        "tooltip": {"trigger": "axis", "confine": True},
    }  # fmt: skip
    return Chart(option, 300)


def plot_distances(
    distances: npt.NDArray[np.float32], agree: Sequence[bool], labels: Sequence[str]
) -> Chart:
    """Draw the neighbours' distances in order, so that a step shows where the near ones end.

    Args:
        distances: (k,) ascending, or descending for the least similar.
        agree: Whether each has the query's label.
        labels: Of each.
    """
    bars = [
        {
            "value": [place, float(f"{distance:.4g}"), label],
            "itemStyle": {"color": AGREES if same else QUIET},
        }
        for place, (distance, same, label) in enumerate(zip(distances, agree, labels, strict=True))
    ]
    option: Option = {
        "animation": False,
        "grid": {"left": 28, "right": 8, "top": 10, "bottom": 24},
        "xAxis": {
            "type": "category", "data": [str(place + 1) for place in range(len(bars))],
            "name": "neighbour, green where the label is the query's",
            "nameLocation": "middle", "nameGap": 26,
        },
        "yAxis": {"type": "value", "name": "distance", "nameLocation": "middle", "nameGap": 46},
        "series": [
            {
                "type": "bar", "data": bars, "encode": {"x": 0, "y": 1}, "barCategoryGap": "20%",
                "tooltip": {"formatter": "{b}: {@[2]}, {@[1]}"},
            }
        ],
        "tooltip": {"trigger": "item", "confine": True},
    }  # fmt: skip
    return Chart(option, 180)
