"""The confusion matrix of a run: shares of each class, with the counts written in."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from alexcore.figures.charts import Chart, Option

_SCALE = ["#e6eff5", "#0072b2"]


def plot_confusions(counts: npt.NDArray[np.int64], classes: Sequence[str]) -> Chart:
    """Draw counts (C, C), rows the right class, columns the answer, coloured by share of the row.

    Args:
        counts: From ``count_confusions``.
        classes: Labels of both sides.
    """
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    cells = [
        {
            "value": [answer, right, share, count, classes[right], classes[answer],
                      f"{share:.0%}"],
            "label": {"color": "#ffffff" if share > 0.5 else "#22252b"},
        }
        for right, row in enumerate(zip(shares.tolist(), counts.tolist(), strict=True))
        for answer, (share, count) in enumerate(zip(*row, strict=True))
    ]  # fmt: skip
    height = min(90 + 46 * len(classes), 640)
    title = {"nameLocation": "middle", "splitLine": {"show": False}}
    option: Option = {
        "animation": False,
        "grid": {"left": 28, "right": 8, "top": 8, "bottom": 28},
        "xAxis": {
            "type": "category", "data": list(classes), "name": "answer", "nameGap": 32, **title
        },
        "yAxis": {
            "type": "category", "data": list(classes), "name": "right class", "nameGap": 76,
            "inverse": True, **title,
        },
        "visualMap": {
            "show": False, "min": 0, "max": 1, "dimension": 2, "inRange": {"color": _SCALE}
        },
        "series": [
            {
                "type": "heatmap", "data": cells, "encode": {"x": 0, "y": 1, "value": 2},
                "itemStyle": {"borderColor": "transparent", "borderWidth": 2},
                "label": {"show": len(classes) <= 20, "formatter": "{@[3]}"},
                "tooltip": {"formatter": "{@[4]} taken for {@[5]}: {@[3]} ({@[6]})"},
            }
        ],
        "tooltip": {"trigger": "item", "confine": True},
    }  # fmt: skip
    return Chart(option, height)
