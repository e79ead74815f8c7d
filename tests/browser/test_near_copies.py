"""Near copies in Chromium: looked for, counted, opened, and the pairs seen as pictures."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.server import NEEDS_CHROMIUM, Server, launch, serve, settle

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path, creatures: Path
) -> Iterator[Server]:
    """A dashboard that may name two folders; in one each volt stands a second time, smaller."""
    folder = tmp_path_factory.mktemp("near")
    shutil.copytree(creatures, folder / "pictures" / "once")
    twice = Path(shutil.copytree(creatures, folder / "pictures" / "twice"))
    for path in twice.glob("volt/*.png"):
        with Image.open(path) as image:
            image.convert("RGB").resize((90, 90)).save(path.with_suffix(".jpg"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXCORE_PICTURES", str(folder / "pictures"))
        with serve(folder, data_folder) as running:
            yield running
    assert "Traceback" not in running.log.read_text()


def choose(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Pictures").click()
    page.get_by_role("option", name=name).click()
    page.get_by_role("button", name="Look for near copies").click()


def test_pairs_are_seen_side_by_side(server: Server) -> None:
    with launch() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 1400})
        page.goto(f"{server.url}/training?tview=Train")
        settle(page, "Training")
        choose(page, "twice")
        page.get_by_text("6 near copies are held together").click(timeout=30_000)
        pair = page.get_by_role("img", name="volt/volt-000.jpg beside volt/volt-000.png")
        expect(pair).to_be_visible(timeout=30_000)
        assert pair.evaluate("(image) => image.naturalWidth") == 328  # two squares and a gap
        expect(page.get_by_text("6 of 6 pairs, closest first")).to_be_visible()
        expect(page.get_by_text("distance", exact=False).first).to_be_visible()
        choose(page, "once")
        page.get_by_text("No near copies").click(timeout=30_000)
        empty = page.get_by_text("No two of these pictures are within 48 of 256 bits")
        expect(empty).to_be_visible(timeout=30_000)
