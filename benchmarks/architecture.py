"""A move of the Architecture page's size slider, against a slider alone, in Chromium.

The layer table is painted on a canvas; its invisible mirror for screen readers follows 200 ms
later by the grid's own design and is left out of the time.
"""

import tempfile
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page

from alexcore.paths import get_data_folder
from benchmarks.table import Row
from tests.browser.server import find_chromium, launch, serve, settle

_MOVES = 25
_WATCH = """() => {
  window.pressed = 0; window.changed = 0;
  document.addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
  const mirrored = (node) =>
    (node.nodeType === 1 ? node : node.parentElement)?.closest("[data-testid^=glide-cell]");
  new MutationObserver((changes) => {
    if (changes.some((c) => !mirrored(c.target))) window.changed = performance.now();
  }).observe(
    document.querySelector("[data-testid=stMain]"),
    { childList: true, subtree: true, characterData: true });
}"""


def measure_architecture() -> list[Row]:
    """Return the time from a key press to the page's last change, median and 95th percentile."""
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium on this machine: install the package 'chromium'.")
    data = get_data_folder().resolve()
    with tempfile.TemporaryDirectory() as scratch, launch(chromium) as browser:
        with serve(Path(scratch), data, "benchmarks/bare_app.py") as server:
            page = browser.new_page()
            page.goto(server.url)
            settle(page, "Bare")
            bare = _measure_moves(page, "Value")
        with serve(Path(scratch), data) as server:
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{server.url}/architecture")
            settle(page, "Architecture")
            page.wait_for_timeout(3000)
            ours = _measure_moves(page, "Input size in pixels")
    return [
        Row(f"size slider to last repaint, {name}", value, "ms", "a bare slider", base, "≤ 2")
        for name, value, base in zip(("median", "p95"), ours, bare, strict=True)
    ]


def _measure_moves(page: Page, label: str) -> tuple[float, float]:
    thumb = page.get_by_role("slider", name=label)
    thumb.focus()
    page.evaluate(_WATCH)
    times = []
    for move in range(_MOVES + 2):
        page.keyboard.press("ArrowRight" if move < 20 else "ArrowLeft")
        page.wait_for_timeout(900)
        times.append(page.evaluate("() => window.changed - window.pressed"))
    return median(times[2:]), quantiles(times[2:], n=20)[-1]
