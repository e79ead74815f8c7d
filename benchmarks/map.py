"""The Retrieval map with ten thousand pictures: frames while a line is drawn around points."""

import io
import tempfile
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from alexcore.retrieval.store import GalleryKey, Row
from alexcore.retrieval.stores import open_store
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS
from benchmarks.retrieval import create_rows
from benchmarks.table import Row as Figure
from tests.browser.server import launch, serve, settle

_COUNT = 10_000
_FRAMES = """(count) => new Promise((done) => {
  const times = [];
  const tick = (now) => { times.push(now); times.length > count ? done(times) : next(); };
  const next = () => requestAnimationFrame(tick);
  next();
})"""


def measure_map() -> list[Figure]:
    """Return the time of a frame while dragging, against an idle page's."""
    with tempfile.TemporaryDirectory() as scratch, launch() as browser:
        _fill(Path(scratch) / "galleries")
        with serve(Path(scratch), Path(scratch)) as server:
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.goto(f"{server.url}/retrieval?rview=Map")
            settle(page, "Retrieval")
            canvas = page.get_by_role("img", name=f"Map of {_COUNT} pictures by PCA")
            canvas.wait_for(timeout=60_000)
            idle = _read_frames(page, 60)
            box = canvas.bounding_box()
            assert box is not None
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
        Figure(f"map of {_COUNT:,}, a frame while dragging, median", median(drag), "ms",
               "a frame of the idle page", median(idle), "about 1"),
        Figure(f"map of {_COUNT:,}, a frame while dragging, p95", quantiles(drag, n=20)[-1], "ms",
               "a frame of the idle page", median(idle), "≤ 3"),
    ]  # fmt: skip


def _read_frames(page: Page, count: int) -> list[float]:
    return [float(step) for step in np.diff(page.evaluate(f"({_FRAMES})({count})"))]


def _fill(galleries: Path) -> None:
    """Make a gallery of that size for the shipped model, its pictures plain colours."""
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
            colour = tuple(rng.integers(0, 255, 3).tolist())
            Image.new("RGB", (48, 48), colour).save(file, "WEBP", method=0)
            label = run.classes[number % 5]
            path = f"{label}/{number:05d}.png"
            rows.append(Row(path, label, f"{number:064d}", file.getvalue(), vectors[number]))
        store.add(rows, galleries)
