"""A training run, a gallery build and browsing on one machine: what each loses to the others."""

import asyncio
import os
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page

from alexcore.datasets.creatures import CREATURES
from alexcore.runs.config import create_config
from alexcore.settings import get_data_folder
from alexcore.training.driver import Task
from alexcore.training.job import Job, find_job, start_job, stop_job
from benchmarks.sessions import Log, visit
from benchmarks.table import Row
from tests.browser.server import launch, serve, settle

_SECONDS = 25.0
_RATE = re.compile(r"Embedding: .*?, (\d+) images/s")


def measure_together() -> list[Row]:
    """Return rates of training and building and times of reruns, alone and together."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["ALEXCORE_GALLERIES"] = f"{scratch}/galleries"
        try:
            return _measure(Path(scratch))
        finally:
            del os.environ["ALEXCORE_GALLERIES"]


def _measure(scratch: Path) -> list[Row]:
    runs = scratch / "runs"
    with (
        serve(scratch, get_data_folder().resolve()) as server,
        launch() as browser,
        ThreadPoolExecutor(1) as visitor,
    ):
        page = browser.new_page()
        alone = visitor.submit(_browse, server.url).result()
        built = _build(page, server.url, "half-b16-s1")
        config = create_config(model="half", batch_size=16, epochs=99)
        start_job(runs, Task(config, CREATURES, runs / "run"))
        trained = _watch_training(runs)
        visit = visitor.submit(_browse, server.url)
        built_too = _build(page, server.url, "untrained-half")
        trained_too = _watch_training(runs)
        together = visit.result()
        job = find_job(runs)
        if job is None:
            raise SystemExit("the training run did not go on")
        stop_job(job)
    return [
        Row("a rerun while training and building, median", median(together) * 1e3, "ms", "alone",
            median(alone) * 1e3),
        Row("a rerun while training and building, p95", _p95(together) * 1e3, "ms", "alone",
            _p95(alone) * 1e3),
        Row("training half while building and browsing", trained_too, "images/s", "alone", trained),
        Row("building while training and browsing", built_too, "images/s", "alone", built),
    ]  # fmt: skip


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def _browse(url: str) -> list[float]:
    """Return the seconds of one person's reruns."""
    log = Log()
    asyncio.run(visit(url, 0, time.monotonic() + _SECONDS, log))
    if log.wrong:
        raise SystemExit(f"a wrong answer: {log.wrong[0]}")
    return log.seconds


def _build(page: Page, url: str, model: str) -> float:
    """Build a gallery from its page and return the images/s it told last."""
    page.goto(f"{url}/retrieval?model={model}")
    settle(page, "Retrieval")
    page.get_by_role("button", name="Build the gallery").click()
    bar, rate = page.get_by_test_id("stProgress"), 0.0
    bar.wait_for()
    while bar.count():
        found = _RATE.search(bar.first.inner_text())
        rate = float(found[1]) if found else rate
        page.wait_for_timeout(300)
    return rate


def _watch_training(runs: Path) -> float:
    """Return the images/s of the next seconds, from the steps done."""
    job = _wait_until_training(runs)
    began, before = time.monotonic(), job.progress.done
    time.sleep(_SECONDS / 2)
    after = _wait_until_training(runs).progress.done
    return (after - before) * 16 / (time.monotonic() - began)


def _wait_until_training(runs: Path) -> Job:
    for _ in range(600):
        job = find_job(runs)
        if job is not None and job.progress.stage == "training":
            return job
        time.sleep(0.1)
    raise SystemExit("the training run did not start")
