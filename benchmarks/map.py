"""The Retrieval map with ten thousand pictures: frames while a line is drawn; its rerun."""

import io
import tempfile
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from PIL import Image
from playwright.sync_api import FloatRect, Page

from alexcore.retrieval.build import THUMBNAIL_SIDE
from alexcore.retrieval.store import Entry, GalleryKey
from alexcore.retrieval.stores import open_store
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS
from benchmarks.reruns import ROUNDS, measure_bare, measure_reruns
from benchmarks.reruns import create_rows as create_reruns
from benchmarks.retrieval import create_rows
from benchmarks.table import Row
from tests.browser.server import launch, serve, settle
from tests.browser.traffic import Traffic, count_bytes

_COUNT = 10_000
_FRAMES = """(count) => new Promise((done) => {
  const times = [];
  const tick = (now) => { times.push(now); times.length > count ? done(times) : next(); };
  const next = () => requestAnimationFrame(tick);
  next();
})"""
_COMPLETE = """(lines) => {
  const files = performance.getEntriesByType("resource");
  if (files.filter(({ name }) => name.endsWith(".bin")).length < lines) return false;
  for (const { shadowRoot } of document.querySelectorAll("*"))
    for (const image of shadowRoot?.querySelectorAll("button img") ?? [])
      if (!image.complete || !image.naturalWidth) return false;
  return (window.complete = performance.now());
}"""
_SHOWN = "Math.max(window.changed, window.complete)"
"""When the last of a line's pictures was drawn."""
_PICTURES_A_LINE = 60


def measure_map() -> list[Row]:
    """Return the time of a frame while dragging, and the time and bytes of the rerun after it."""
    with tempfile.TemporaryDirectory() as scratch, launch() as browser:
        bare = measure_bare(browser)
        _fill(Path(scratch) / "galleries")
        with serve(Path(scratch), Path(scratch)) as server:
            page = browser.new_page(viewport={"width": 1440, "height": 1800})
            traffic = Traffic(page)
            box = _open(page, server.url)
            once = _count_cloud(page, box, traffic)
            traffic.clear()
            page.evaluate("performance.setResourceTimingBufferSize(10_000)")
            lines = measure_reruns(page, lambda turn: _draw_strip(page, box, turn), _SHOWN)
            pictures = count_bytes(traffic.find_published(".bin"))
            sent = traffic.frames / ROUNDS, (traffic.frames + pictures) / ROUNDS
            drag = _measure_drag(page, _open(page, server.url))
    name, once_name = f"map of {_COUNT:,}, a line around points", "points and atlas, sent once"
    return [
        *drag,
        *create_reruns(f"{name} to its last picture", lines, bare),
        Row(f"{name}, messages", sent[0] / 1e3, "kB", once_name, once / 1e3, "≤ 0.05"),
        Row(f"{name}, messages and {_PICTURES_A_LINE} new pictures", sent[1] / 1e3, "kB",
               once_name, once / 1e3),
    ]  # fmt: skip


def _open(page: Page, url: str) -> FloatRect:
    """Open the map and return where it lies."""
    page.goto(f"{url}/retrieval?rview=Map")
    canvas = page.get_by_role("img", name=f"Map of {_COUNT} pictures by PCA")
    canvas.wait_for(timeout=120_000)
    settle(page, "Retrieval")
    page.wait_for_timeout(2000)
    box = canvas.bounding_box()
    assert box is not None
    return box


def _count_cloud(page: Page, box: FloatRect, traffic: Traffic) -> int:
    """Return the bytes of the points and of the pictures under the pointer, which travel once."""
    with page.expect_request_finished(lambda request: request.url.endswith(".jpg")) as atlas:
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return count_bytes([*traffic.find_published(".json"), atlas.value])


def _draw_strip(page: Page, box: FloatRect, turn: int) -> None:
    """Draw a line around points that no other line holds, and wait for their pictures."""
    left, right = (box["x"] + box["width"] * (0.3 + 0.4 * at / ROUNDS) for at in (turn, turn + 1))
    top, bottom = box["y"] + 4, box["y"] + box["height"] - 4
    page.mouse.move(left, top)
    page.mouse.down()
    for place in ((right, top), (right, bottom), (left, bottom), (left, top + 4)):
        page.mouse.move(*place, steps=3)
    page.mouse.up()
    page.wait_for_function(_COMPLETE, arg=turn + 1)


def _measure_drag(page: Page, box: FloatRect) -> list[Row]:
    idle = _read_frames(page, 60)
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.evaluate(f"window.frames_seen = ({_FRAMES})(90)")
    for turn in range(240):
        angle = turn / 240 * 6.28
        page.mouse.move(
            box["x"] + box["width"] * (0.5 + 0.4 * np.cos(angle)),
            box["y"] + box["height"] * (0.5 + 0.4 * np.sin(angle)),
        )
    drag = np.diff(page.evaluate("window.frames_seen")).tolist()
    page.mouse.up()
    return [
        Row(f"map of {_COUNT:,}, a frame while dragging, median", median(drag), "ms",
               "a frame of the idle page", median(idle), "about 1"),
        Row(f"map of {_COUNT:,}, a frame while dragging, p95", quantiles(drag, n=20)[-1], "ms",
               "a frame of the idle page", median(idle), "≤ 3"),
    ]  # fmt: skip


def _read_frames(page: Page, count: int) -> list[float]:
    return [float(step) for step in np.diff(page.evaluate(f"({_FRAMES})({count})"))]


def _fill(galleries: Path) -> None:
    """Make a gallery of that size for the shipped model, its pictures coloured clouds."""
    run = load_run(SHIPPED_RUNS / "half-b16-s1")
    key = GalleryKey(
        "creatures", run.name, "classifier.4", run.preprocessing, run.weights_digest or "", "train"
    )
    store = open_store(str(galleries), key)
    vectors = create_rows(_COUNT)
    rng = np.random.default_rng(0)
    for start in range(0, _COUNT, 2_000):
        rows = []
        for number in range(start, start + 2_000):
            file = io.BytesIO()
            colours = Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8))
            cloud = colours.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BICUBIC)
            cloud.save(file, "WEBP", method=0)
            label = run.classes[number % 5]
            path = f"{label}/{number:05d}.png"
            rows.append(Entry(path, label, f"{number:064d}", file.getvalue(), vectors[number]))
        store.add(rows, galleries)
