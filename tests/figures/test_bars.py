import numpy as np

from alexcore.figures.bars import plot_classes, plot_costs, plot_distances, plot_histogram
from alexcore.figures.confusion import plot_confusions
from alexcore.figures.palette import AGREES, MARKED, QUIET
from tests.figures.checked import check


def test_the_true_class_is_marked() -> None:
    (bars,) = check(plot_classes(["puffin", "newt"], [0.75, 0.125], truth="newt")).data
    assert tuple(bars.x) == (0.75, 0.125) and tuple(bars.y) == ("puffin", "newt")
    assert tuple(bars.marker.color) == (QUIET, MARKED)
    assert tuple(bars.text) == ("75.0%", "12.5%")


def test_an_empty_bin_has_no_place_on_a_logarithmic_axis() -> None:
    counts, edges = np.histogram([0.1, 0.2, 0.9], bins=3, range=(0.0, 0.9))
    figure = check(plot_histogram(counts, edges, "#0072b2"))
    np.testing.assert_allclose(figure.data[0].x, [0.15, 0.45, 0.75])
    np.testing.assert_array_equal(figure.data[0].y, [2, np.nan, 1])
    low, high = figure.layout.yaxis.range
    assert 10**low < 1 and 10**high > 2  # so that a bin of one is seen


def test_costs_have_a_panel_each() -> None:
    costs = {
        "Parameters": {"full": [34_944, 37_752_832], "half": [17_472, 9_439_232]},
        "Mult-adds": {"full": [105_705_600, 37_752_832], "half": [52_852_800, 9_439_232]},
    }
    figure = check(plot_costs(["conv1", "fc6"], costs, ["#0072b2", "#e07b00"]))
    assert [(bar.name, bar.xaxis, bar.marker.color) for bar in figure.data] == [
        ("full", "x", "#0072b2"), ("half", "x", "#e07b00"),
        ("full", "x2", "#0072b2"), ("half", "x2", "#e07b00"),
    ]  # fmt: skip
    assert tuple(figure.data[3].y) == (52_852_800, 9_439_232)
    assert figure.layout.xaxis.domain[1] <= figure.layout.xaxis2.domain[0]
    narrow = figure.layout.meta["narrow"]
    assert narrow["yaxis2"]["domain"][1] < narrow["yaxis"]["domain"][0]
    assert len(plot_costs([], {}, []).data) == 0


def test_distances_tell_their_label() -> None:
    distances = np.array([0.5, 1.25], np.float32)
    figure = check(plot_distances(distances, [True, False], ["newt", "puffin"], "it is a newt"))
    (bars,) = figure.data
    assert tuple(bars.y) == (0.5, 1.25) and tuple(bars.customdata) == ("newt", "puffin")
    assert tuple(bars.marker.color) == (AGREES, QUIET)
    assert figure.layout.xaxis.title.text == "neighbour, green where it is a newt"
    narrow = figure.layout.meta["narrow"]["xaxis"]["title"]["text"]
    assert narrow.replace("<br>", " ") == figure.layout.xaxis.title.text
    assert max(len(line) for line in narrow.split("<br>")) < 40  # what 390 pixels hold


def test_confusions_are_coloured_by_the_share_of_their_row() -> None:
    figure = check(plot_confusions(np.array([[3, 1], [0, 0]]), ["newt", "puffin"]))
    (cells,) = figure.data
    np.testing.assert_array_equal(cells.z, [[0.75, 0.25], [0, 0]])
    np.testing.assert_array_equal(cells.text, [[3, 1], [0, 0]])
    assert figure.layout.yaxis.autorange == "reversed"  # the first class stands above
