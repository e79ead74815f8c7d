from alexcore.figures.ablations import plot_ablations
from alexcore.models.sources_2012 import load_sources
from tests.figures.checked import check


def test_bars_are_points_with_the_counts_behind_them_and_the_papers_marks() -> None:
    first, _, _, _, smooth, *_ = load_sources().ablations
    figure = check(plot_ablations([first, smooth]))
    bars, marks, counts = figure.data[:3]
    # 58,752 - 56,209 of 150,000, and 20,244 - 20,298 of 50,000
    assert [round(x, 3) for x in bars.x] == [1.695, -0.108]
    assert list(marks.x) == [1.7, None]
    assert list(counts.text) == ["  +1.70 · 58,752 / 56,209", "  -0.11 · 20,244 / 20,298"]
    assert list(counts.x) == [1.7, 0]  # beside the bar, the mark and the axis
    assert "<b>Half of conv1 to conv4" in figure.layout.annotations[0].text
