import numpy as np

from alexcore.figures.faithfulness import Panel, colour_methods, plot_faithfulness
from tests.figures.checked import check


def test_a_method_has_one_colour_and_one_entry_in_the_legend() -> None:
    shares = np.linspace(0, 1, 3)
    curves = {"b": (shares, shares[::-1]), "c": (shares, shares**2)}
    colours = colour_methods(("a", "b", "c"))
    panels = Panel("gone", "x", curves), Panel("come", "x", curves)
    figure = check(plot_faithfulness(panels, colours))
    assert [trace.name for trace in figure.data] == ["b", "c"] * 2
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert [trace.line.color for trace in figure.data] == [colours["b"], colours["c"]] * 2
    assert colour_methods(("a", "b"))["b"] == colours["b"]
