"""From a key press or a click to the page's last change, in Chromium; a bare slider as baseline.

A change is one of the page's elements; a chart marks itself once it is drawn.

Tables are painted on a canvas; their invisible mirror for screen readers follows 200 ms later by
the grid's own design and is left out of the times.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Browser, Page

from alexcore.settings import get_data_folder
from benchmarks.table import Row
from tests.browser.server import serve, settle

ROUNDS = 26
"""How often an action is measured; the first two times warm up."""

_PAUSE_MS = 900
_WATCH = """() => {
  window.pressed = 0; window.changed = 0;
  for (const kind of ["keydown", "pointerup"])
    document.addEventListener(kind, () => { window.pressed = performance.now(); }, true);
  const mirrored = (node) =>
    (node.nodeType === 1 ? node : node.parentElement)?.closest("[data-testid^=glide-cell]");
  new MutationObserver((changes) => {
    if (changes.some((c) => !mirrored(c.target))) window.changed = performance.now();
  }).observe(
    document.querySelector("[data-testid=stMain]"),
    { childList: true, subtree: true, characterData: true, attributes: true,
      attributeFilter: ["src", "alt", "data-drawn"] });
}"""

Times = tuple[float, float]


@contextmanager
def opened(browser: Browser, path: str, title: str, script: str = "dashboard.py") -> Iterator[Page]:
    """Serve an app and open one of its pages, warm."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch), get_data_folder().resolve(), script) as server,
    ):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{server.url}/{path}")
        settle(page, title)
        page.wait_for_timeout(3000)
        yield page
        page.close()


def measure_reruns(page: Page, act: Callable[[int], None], last: str = "window.changed") -> Times:
    """Return median and 95th percentile in milliseconds of an action, done again and again.

    Args:
        page: Warm.
        act: Given the number of the turn; its last event is a key that goes down or a button that
            goes up.
        last: When its effect is whole, in JavaScript.
    """
    page.evaluate(_WATCH)
    times = []
    for turn in range(ROUNDS):
        act(turn)
        page.wait_for_timeout(_PAUSE_MS)
        times.append(page.evaluate(f"() => {last} - window.pressed"))
    return median(times[2:]), quantiles(times[2:], n=20)[-1]


def move_slider(page: Page, label: str) -> Times:
    """Measure single steps of a slider."""
    page.get_by_role("slider", name=label).focus()
    return measure_reruns(
        page, lambda turn: page.keyboard.press("ArrowRight" if turn < 20 else "ArrowLeft")
    )


def measure_bare(browser: Browser) -> Times:
    """Measure an app that has only a slider and one line of text."""
    with opened(browser, "", "Bare", "benchmarks/bare_app.py") as page:
        return move_slider(page, "Value")


def create_rows(name: str, ours: Times, bare: Times) -> list[Row]:
    """Return a row for the median and one for the 95th percentile."""
    return [
        Row(f"{name}, {part}", value, "ms", "a bare slider", base, goal)
        for part, value, base, goal in zip(
            ("median", "p95"), ours, bare, ("≤ 2", "≤ 3"), strict=True
        )
    ]
