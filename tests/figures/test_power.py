import numpy as np

from alexcore.figures.power import plot_seeds
from tests.figures.checked import check


def test_the_curve_scales_with_the_spread_and_marks_what_is_chosen() -> None:
    detectable, seeds = np.array([9.0, 1.0, 0.1]), [2, 10, 800]
    figure = check(plot_seeds(detectable, seeds, (1.0, 2.0, 4.0), (1.5, 3), 5.0))
    band, curve, mark, level = figure.data
    assert list(curve.x) == [18, 2, 0.2] and list(curve.y) == seeds
    assert list(band.x) == [9, 1, 0.1, 0.4, 4, 36] and list(band.y) == [*seeds, *seeds[::-1]]
    assert list(mark.x) == [1.5, 1.5] and list(level.y) == [3, 3]
    assert figure.layout.annotations[0].text == "3 seeds here"
