"""The Architecture page: a move of the input size."""

from benchmarks.reruns import create_rows, measure_bare, move_slider, opened
from benchmarks.table import Row
from tests.browser.server import launch


def measure_architecture() -> list[Row]:
    """Return the time to the last repaint, against a bare slider in the same run."""
    with launch() as browser:
        bare = measure_bare(browser)
        with opened(browser, "architecture", "Architecture") as page:
            ours = move_slider(page, "Input size in pixels")
    return create_rows("size slider to last repaint", ours, bare)
