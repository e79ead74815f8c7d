from alexcore.figures.palette import QUIET
from alexcore.figures.units import plot_units
from tests.figures.checked import check


def test_parts_with_most_units_have_a_colour_of_their_own() -> None:
    many = {f"part {n}": 9 - n for n in range(9)}
    figure = check(plot_units({"conv1": {"moon": 20}, "conv5": many}, {"conv1": 48, "conv5": 128}))
    assert [bar.name for bar in figure.data] == [
        "moon", *(f"part {n}" for n in range(6)), "other parts",
    ]  # fmt: skip
    assert tuple(figure.data[0].y) == (20, 0)
    assert tuple(figure.data[-1].y) == (0, 3 + 2 + 1) and figure.data[-1].marker.color == QUIET
    assert [note.text for note in figure.layout.annotations] == ["20 of 48", "45 of 128"]
    assert len(check(plot_units({"conv1": {}}, {"conv1": 48})).data) == 0
