"""A dashboard in a process of its own, and a Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
PAGES = {
    "Overview": "Inside AlexNet",
    "Architecture": "Architecture",
    "Training": "Training",
    "Feature maps": "Feature maps",
    "Retrieval": "Retrieval",
}


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
REQUIRED = os.environ.get("ALEXCORE_REQUIRE_BROWSER") == "1"
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and not REQUIRED,
        reason="no Chromium on this machine: install the package 'chromium' to run these",
    ),
]


_PATIENCE = 90_000
"""Milliseconds in which a busy machine draws what is waited for."""

expect.set_options(timeout=_PATIENCE)

_PROBED = ("/_stcore/health", "/_stcore/host-config")
"""What Streamlit's page looks for below the path of a link first, in vain, and then at the root."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running dashboard, what it wrote, and its process."""

    url: str
    log: Path
    process_id: int


def find_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(
    folder: Path,
    data: Path,
    script: str = "dashboard.py",
    port: int | None = None,
    options: Sequence[str] = (),
) -> Iterator[Server]:
    """Start the dashboard on a free port and stop it at the end.

    Args:
        folder: For the log and for runs.
        data: ``ALEXCORE_DATA``.
        script: Another app to serve in its place.
        port: A free one by default.
        options: More of Streamlit's.
    """
    port = port or find_port()
    first = {"ALEXCORE_MODEL": "half-b16-s1"}  # of which the tests have a gallery
    folders = {"ALEXCORE_DATA": str(data), "ALEXCORE_RUNS": str(folder / "runs")}
    environment = first | os.environ | folders
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.headless", "true", *options]
    with run_server(command, port, folder / "server.log", ROOT, environment) as server:
        yield server


@contextmanager
def run_server(
    command: Sequence[str], port: int, log: Path, cwd: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    """Run a command that serves at a port of this machine, and stop it at the end.

    Raises:
        AssertionError: Its log has a traceback.
    """
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=file, stderr=subprocess.STDOUT
        )
        try:
            wait_for(lambda: _answers(f"http://localhost:{port}/_stcore/health", process))
            yield Server(f"http://localhost:{port}", log, process.pid)
            said = log.read_text()
            assert "Traceback" not in said, said
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError("the dashboard did not start; see its log")
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


@contextmanager
def launch() -> Iterator[Browser]:
    """Start the system's Chromium without the requests it makes of its own."""
    if CHROMIUM is None:
        raise RuntimeError("no Chromium on this machine: install the package 'chromium'.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page, title: str) -> None:
    """Wait until the page with that heading has drawn everything."""
    page.get_by_role("heading", name=title, exact=True, level=1).wait_for(timeout=_PATIENCE)
    page.wait_for_timeout(300)
    page.wait_for_function(
        """() => document.querySelector('[data-test-script-state="notRunning"]')
              && !document.querySelector('[data-testid="stStatusWidget"]')
              && !document.querySelector('[data-testid="stSpinner"]')
              && !document.querySelector('[data-testid="stSkeleton"]')
              && !document.querySelector('[data-stale="true"]')
              && [...document.images].every(image => image.complete)""",
        timeout=_PATIENCE,
    )
    page.wait_for_timeout(300)


@contextmanager
def open_page(browser: Browser, server: Server, path: str = "", **context: Any) -> Iterator[Page]:
    """Open a page of the dashboard in a session of its own.

    Args:
        browser: To open it in.
        server: That serves it.
        path: Of the page, with its query parameters; the Overview by default.
        context: What Playwright's ``new_page`` takes.

    Raises:
        AssertionError: The console had errors, or another host was asked for something.
    """
    page = browser.new_page(**{"viewport": {"width": 1440, "height": 900}, **context})
    page.set_default_timeout(_PATIENCE)
    troubles: list[str] = []
    page.on(
        "console",
        lambda m: (
            troubles.append(f"{m.text} {m.location['url']}")
            if m.type == "error" and not m.location["url"].endswith(_PROBED)
            else None
        ),
    )
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith((server.url, "data:", "blob:", server.url.replace("http", "ws")))
            else troubles.append(f"request to {r.url}")
        ),
    )
    try:
        page.goto(f"{server.url}/{path}")
        settle(page, PAGES[path.partition("?")[0].replace("_", " ").capitalize() or "Overview"])
        yield page
    finally:
        page.close()
    assert not troubles, troubles


def go_to(page: Page, name: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    settle(page, PAGES[name])
