import json
from typing import Any

import numpy as np

from alexcore.figures.bars import plot_classes, plot_costs, plot_distances, plot_histogram
from alexcore.figures.charts import Chart
from alexcore.figures.confusion import plot_confusions
from alexcore.figures.palette import AGREES, MARKED, QUIET


def _bars(chart: Chart) -> list[Any]:
    json.dumps(chart.option, allow_nan=False)  # as the page sends it
    bars: list[Any] = chart.option["series"][0]["data"]
    return bars


def test_the_true_class_is_marked() -> None:
    bars = _bars(plot_classes(["puffin", "newt"], [0.75, 0.125], truth="newt"))
    assert [bar["value"] for bar in bars] == [0.75, 0.125]
    assert [bar["itemStyle"] for bar in bars] == [{"color": QUIET}, {"color": MARKED}]
    assert [bar["label"] for bar in bars] == [{"formatter": "75.0%"}, {"formatter": "12.5%"}]


def test_an_empty_bin_has_no_place_on_a_logarithmic_axis() -> None:
    counts, edges = np.histogram([0.1, 0.2, 0.9], bins=3, range=(0.0, 0.9))
    chart = plot_histogram(counts, edges, "#0072b2")
    assert _bars(chart) == [2, None, 1]
    assert chart.option["xAxis"]["data"] == ["0.15", "0.45", "0.75"]
    assert chart.option["yAxis"]["min"] < 1  # so that a bin of one is seen


def test_costs_are_written_in_a_unit_that_fits() -> None:
    chart = plot_costs(["conv1", "fc6"], {"full": ([34_944, 37_752_832], "#0072b2")})
    assert _bars(chart) == [0.034944, 37.752832]
    assert chart.option["yAxis"]["axisLabel"]["formatter"] == "{value} M"
    assert plot_costs([], {}).option["series"] == []


def test_distances_tell_their_label() -> None:
    distances = np.array([0.5, 1.25], np.float32)
    first, second = _bars(plot_distances(distances, [True, False], ["newt", "puffin"]))
    assert first == {"value": [0, 0.5, "newt"], "itemStyle": {"color": AGREES}}
    assert second == {"value": [1, 1.25, "puffin"], "itemStyle": {"color": QUIET}}


def test_confusions_are_coloured_by_the_share_of_their_row() -> None:
    chart = plot_confusions(np.array([[3, 1], [0, 0]]), ["newt", "puffin"])
    values = [bar["value"] for bar in _bars(chart)]
    assert values == [
        [0, 0, 0.75, 3, "newt", "newt", "75%"],
        [1, 0, 0.25, 1, "newt", "puffin", "25%"],
        [0, 1, 0.0, 0, "puffin", "newt", "0%"],
        [1, 1, 0.0, 0, "puffin", "puffin", "0%"],
    ]
    assert chart.option["visualMap"]["dimension"] == 2 and chart.option["yAxis"]["inverse"]
