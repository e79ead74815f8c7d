"""What one sends: a report and a site, opened without a server of ours; a run of any code, live."""

import http.server
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from typer.testing import CliRunner

from alexcore.cli import app
from alexcore.settings import SAMPLE_IMAGES
from alexcore.training.log_run import log_run
from tests.browser.server import NEEDS_CHROMIUM, open_page, serve, settle

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def sent(data_folder: Path, creatures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report and a site, written by the commands."""
    folder = tmp_path_factory.mktemp("sent")
    image = ["--image", str(SAMPLE_IMAGES / "volt.png"), "--model", "half-b16-s1"]
    for data, command in (
        (data_folder, ["report", *image, "--out", str(folder / "report.html")]),
        (folder, ["export-site", str(folder / "site"), "--data", str(creatures)]),
    ):
        result = CliRunner(env={"ALEXCORE_DATA": str(data)}).invoke(app, command)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def host(sent: Path) -> Iterator[str]:
    """A plain file server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=sent))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, which no dashboard serves."""
    page = browser.new_page()
    yield page
    page.close()


def watch(page: Page, home: str) -> list[str]:
    """Return what goes wrong on a page: errors, and requests that leave its home."""
    wrong: list[str] = []

    def follow(route: Route) -> None:
        if not route.request.url.startswith((home, "data:", "blob:")):
            wrong.append(route.request.url)
        route.continue_()

    page.route("**/*", follow)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    return wrong


@pytest.mark.parametrize("way", ["file", "host"])
def test_a_report_needs_nothing_and_answers(page: Page, sent: Path, host: str, way: str) -> None:
    home = f"file://{sent}/" if way == "file" else host
    wrong = watch(page, home)
    page.goto(f"{home}report.html")
    expect(page.locator(".alexcore-chart .main-svg").first).to_be_visible()
    page.get_by_role("application", name="relu1").click(position={"x": 20, "y": 20})
    expect(page.get_by_text("channel 0: mean")).to_be_visible()
    head = page.get_by_role("columnheader", name="parameters")
    head.click()
    head.click()
    assert page.locator("tbody tr").first.inner_text().startswith("fc6")
    page.locator("g[data-layer=conv2]").click()
    expect(page.locator("tr.marked")).to_contain_text("conv2")
    page.get_by_alt_text("Neighbour ").first.click()
    large = page.locator("dialog[open] img")
    expect(large).to_have_attribute("src", re.compile("^data:image/webp"))
    expect(large).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    assert not wrong


@pytest.mark.parametrize("way", ["file", "host"])
def test_a_site_leads_from_page_to_page(page: Page, sent: Path, host: str, way: str) -> None:
    home = f"file://{sent}/site/" if way == "file" else f"{host}site/"
    wrong = watch(page, home)
    page.goto(f"{home}index.html")
    page.get_by_role("link", name="volt").first.click()
    expect(page.locator(".alexcore-chart .main-svg").first).to_be_visible()
    expect(page.get_by_alt_text("Neighbour ")).to_have_count(10)
    page.get_by_role("link", name="All nets and pictures").click()
    expect(page.get_by_role("link", name="volt").first).to_be_visible()
    assert not wrong
    assert max(path.stat().st_size for path in (sent / "site").iterdir()) < 8_000_000


def test_a_run_of_any_code_is_followed_live(
    browser: Browser, data_folder: Path, tmp_path: Path
) -> None:
    log = log_run("followed", 8, runs=tmp_path / "runs")
    log.log(train_loss=1.0, val_acc=0.4)
    with serve(tmp_path, data_folder) as server, open_page(browser, server) as page:
        page.goto(f"{server.url}/training")
        settle(page, "Training")
        expect(page.get_by_text("followed is training, epochs so far: 1")).to_be_visible()
        log.log(train_loss=0.8, val_acc=0.5)
        expect(page.get_by_text("followed is training, epochs so far: 2")).to_be_visible()
        log.finish()
        expect(page.get_by_text("followed is training")).to_have_count(0)
