import numpy as np

from alexcore.figures.similarity import plot_similarity
from tests.figures.checked import check


def test_the_chosen_layers_are_framed_where_both_are_there() -> None:
    values, layers = np.eye(2, 3), (["conv1", "fc8"], ["conv1", "norm1", "fc8"])
    figure = check(plot_similarity(values, layers, ("a", "b"), ("fc8", "norm1")))
    (cells,) = figure.data
    np.testing.assert_array_equal(cells.z, values)
    assert (tuple(cells.y), tuple(cells.x)) == (tuple(layers[0]), tuple(layers[1]))
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, 0.5, 1.5)
    assert figure.layout.yaxis.autorange == "reversed"  # conv1 stands above
    assert not check(plot_similarity(values, layers, ("a", "b"), ("norm1", "fc8"))).layout.shapes
