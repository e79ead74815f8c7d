"""The whole app in Chromium: cold start, every page's commonest control, an upload, bytes sent."""

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image
from playwright.sync_api import Browser, Page

from alexcore.images.decode import WHITE
from alexcore.images.preprocessing import to_input
from alexcore.images.sandbox import prepare_picture
from alexcore.inference.extract import create_extractor, list_nodes
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS, get_data_folder
from alexcore.weights.safetensors import load_model
from benchmarks.reruns import (
    Times,
    create_rows,
    measure_bare,
    measure_reruns,
    move_slider,
    opened,
)
from benchmarks.table import Row
from tests.browser.server import ROOT, launch, settle
from tests.browser.traffic import Traffic, count_bytes

_STARTS = 7
_CONTROLS = {
    "architecture": ("Architecture", "Input size in pixels"),
    "training": ("Training", "Smoothing: half-life in images"),
}


_WATCH_CHOICE = """() => document.addEventListener(
  "change", () => { window.chosen = performance.now(); }, { capture: true, once: true })"""
_SEEN = """(alt) => {
  const roots = [document];
  for (const root of roots) {
    for (const image of root.querySelectorAll("img"))
      if (image.alt.includes(alt) && image.complete && image.naturalWidth)
        return performance.now() - window.chosen;
    for (const host of root.querySelectorAll("*")) if (host.shadowRoot) roots.push(host.shadowRoot);
  }
  return false;
}"""
"""Milliseconds since the choice, once a picture is drawn; looked at before every frame."""


def measure_dashboard() -> list[Row]:
    """Return what somebody at the keyboard waits for."""
    embed = ("embed", "--data", "creatures", "--model", "half-b16-s1")  # what Retrieval searches
    subprocess.run([sys.executable, "-m", "alexcore", *embed], check=True)
    with launch() as browser:
        rows = [_measure_start(browser)]
        bare = measure_bare(browser)
        times = _measure_controls(browser)
        bare = min(bare, measure_bare(browser))
        for name, ours in times.items():
            rows += create_rows(name, ours, bare)
        rows += _measure_upload(browser)
        rows += _measure_bytes(browser)
    return rows


def _measure_controls(browser: Browser) -> dict[str, Times]:
    """Return {page and control: from the press to the last change}."""
    times = {}
    for path, (title, label) in _CONTROLS.items():
        with opened(browser, path, title) as page:
            times[f"{title}, {label.lower()}"] = move_slider(page, label)
    with opened(browser, "feature_maps", "Feature maps") as page:
        stages = [page.get_by_role("radio", name=f"stage {n}") for n in (1, 2)]
        times["Feature maps, another layer"] = measure_reruns(
            page, lambda turn: stages[turn % 2].click()
        )
    with opened(browser, "retrieval", "Retrieval") as page:
        metrics = [page.get_by_role("radio", name=name) for name in ("cosine", "euclidean")]
        times["Retrieval, another distance"] = measure_reruns(
            page, lambda turn: metrics[turn % 2].click()
        )
    return times


def _measure_start(browser: Browser) -> Row:
    """From starting the process to the Overview's text, by turns with a one-line app."""
    ours, bare = [], []
    for _ in range(_STARTS):
        bare.append(_start(browser, "benchmarks/bare_app.py", "Bare"))
        ours.append(_start(browser, "dashboard.py", "Inside AlexNet"))
    return Row("cold start to the Overview's text", median(ours), "s", "a bare app", median(bare),
               "≤ 1.25")  # fmt: skip


def _start(browser: Browser, script: str, title: str) -> float:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless", "true"]
    environment = os.environ | {"ALEXCORE_DATA": str(get_data_folder().resolve())}
    page = browser.new_page()
    began = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--server.port", str(port)], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while True:
            try:
                page.goto(f"http://localhost:{port}/")
                break
            except Exception:  # Chromium's name for a refused connection is its own
                time.sleep(0.02)
        page.get_by_role("heading", name=title, exact=True).wait_for()
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()
        page.close()


def _create_photo(seed: int) -> bytes:
    """A photograph of twelve megapixels, as a phone writes it."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 255, (150, 200, 3), np.uint8))
    file = io.BytesIO()
    small.resize((4000, 3000), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


def _measure_upload(browser: Browser) -> list[Row]:
    """A fresh photograph to the grid and to ten neighbours, less decode and forward pass."""
    inside = _time_inside()
    bare = _time_upload(browser, "", "Bare", "got photo", "benchmarks/bare_upload.py")
    rows = [
        Row("12-megapixel upload to a bare page", bare * 1e3, "ms", "decode and forward pass",
            inside * 1e3)
    ]  # fmt: skip
    for path, title, shown in (
        ("feature_maps", "Feature maps", "channels of relu1 for photo"),
        ("retrieval", "Retrieval", "The query photo"),
    ):
        outside = _time_upload(browser, path, title, shown) - inside
        rows += [
            Row(f"12-megapixel upload to {title}, outside decode and forward", outside * 1e3, "ms",
                baseline, base * 1e3, goal)
            for baseline, base, goal in (
                ("decode and forward pass", inside, ""), ("a bare page", bare, "≤ 2")
            )
        ]  # fmt: skip
    return rows


def _time_upload(
    browser: Browser, path: str, title: str, shown: str, script: str = "dashboard.py"
) -> float:
    """Return the median seconds until the picture is seen; the first upload warms up."""
    with opened(browser, path, title, script) as page:
        return median([_upload(page, _create_photo(n), n, shown, title) for n in range(8)][1:])


def _upload(page: Page, photo: bytes, seed: int, shown: str, title: str) -> float:
    """Return the seconds from choosing a file to the picture, by the browser's own clock."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"photo{seed}.jpg"
        path.write_bytes(photo)
        page.evaluate(_WATCH_CHOICE)
        page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(path)
        taken: float = page.wait_for_function(_SEEN, arg=f"{shown}{seed}").json_value()
    settle(page, title)
    return taken / 1e3


def _time_inside() -> float:
    run = load_run(SHIPPED_RUNS / "half-b16-s1")
    model = load_model(run)
    extractor = create_extractor(model, list_nodes(model))

    def look(seed: int) -> float:
        data = _create_photo(seed)
        began = time.perf_counter()
        picture = prepare_picture(data, WHITE, run.preprocessing)
        with torch.inference_mode():
            extractor(to_input(picture.pixels, run.preprocessing, torch.device("cpu")))
        return time.perf_counter() - began

    return median(look(seed) for seed in range(5))


def _measure_bytes(browser: Browser) -> list[Row]:
    """What the server sends over the websocket for a page, and for one change on it.

    And all that the network brings to open Training, with an empty and with a filled cache.
    """
    rows = []
    with opened(browser, "", "Inside AlexNet") as first:
        url = first.url
        bare = 0
        changes: dict[str, tuple[str, Callable[[Page], None]]] = {
            "": ("Inside AlexNet", lambda page: None),
            "architecture": ("Architecture", _press_slider("Input size in pixels")),
            "training": ("Training", _press_slider("Smoothing: half-life in images")),
            "feature_maps": (
                "Feature maps",
                lambda page: page.get_by_role("radio", name="stage 2").click(),
            ),
            "retrieval": (
                "Retrieval",
                lambda page: page.get_by_role("radio", name="cosine").click(),
            ),
        }
        for path, (title, change) in changes.items():
            page = browser.new_page()
            traffic = Traffic(page)
            page.goto(url + path)
            settle(page, title)
            opening = traffic.frames
            change(page)
            page.wait_for_timeout(1500)
            changed = traffic.frames - opening
            bare = bare or opening
            rows.append(Row(f"{title}, sent to open it", opening / 1e3, "kB", "the Overview",
                            bare / 1e3))  # fmt: skip
            if changed:
                rows.append(Row(f"{title}, sent for a change", changed / 1e3, "kB", "opening it",
                                opening / 1e3))  # fmt: skip
            page.close()
        fresh = browser.new_context()
        whole = [_count_all(fresh.new_page(), f"{url}training", "Training") for _ in range(2)]
        fresh.close()
    rows += [
        Row(f"Training, all that is sent to open it, the {time} time", sent / 1e3, "kB",
            "the first time", whole[0] / 1e3)
        for time, sent in zip(("first", "second"), whole, strict=True)
    ]  # fmt: skip
    return rows


def _count_all(page: Page, url: str, title: str) -> int:
    """Return the bytes that came for a page: of files not in the browser's cache, and frames."""
    traffic = Traffic(page)
    page.goto(url)
    settle(page, title)
    sent = traffic.frames + count_bytes(traffic.files)
    page.close()
    return sent


def _press_slider(label: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.get_by_role("slider", name=label).focus()
        page.keyboard.press("ArrowRight")

    return press
