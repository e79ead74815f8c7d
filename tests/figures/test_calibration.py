from alexcore.figures.calibration import plot_calibration
from alexcore.runs.calibration import compute_calibration
from tests.figures.checked import check
from tests.runs.test_calibration import TEN


def test_runs_lie_over_the_diagonal_with_whiskers() -> None:
    found = compute_calibration(TEN)
    colours = dict.fromkeys(("a", "b"), "#0072b2")
    diagonal, first, second = check(plot_calibration({"a": found, "b": found}, colours)).data
    assert tuple(diagonal.x) == tuple(diagonal.y) == (0, 1)
    assert [round(y, 4) for y in first.y] == [0.5, 0.6667, 0.6]
    assert first.marker.size[2] > first.marker.size[0], "more pictures, larger dot"
    assert min(first.error_y.arrayminus) > 0 and max(first.error_y.array) < 1
    assert first.line.dash != second.line.dash, "two runs of one model have one colour"
