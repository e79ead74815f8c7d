"""Near copies in Chromium: looked for, counted, opened, and the pairs seen as pictures."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import NEEDS_CHROMIUM, Server, open_page, serve

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


def choose(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="Pictures").click()
    page.get_by_role("option", name=name).click()
    page.get_by_role("button", name="Look for near copies").click()


def test_pairs_are_seen_side_by_side(browser: Browser, server: Server) -> None:
    tall = {"width": 1440, "height": 1400}
    with open_page(browser, server, "training?tview=Train", viewport=tall) as page:
        choose(page, "twice")
        page.get_by_text("6 near copies are held together").click()
        pair = page.get_by_role("img", name="volt/volt-000.jpg beside volt/volt-000.png")
        expect(pair).to_be_visible()
        assert pair.evaluate("(image) => image.naturalWidth") == 328  # two squares and a gap
        expect(page.get_by_text("6 of 6 pairs, closest first")).to_be_visible()
        expect(page.get_by_text("distance", exact=False).first).to_be_visible()
        choose(page, "once")
        page.get_by_text("No near copies").click()
        empty = page.get_by_text("No two of these pictures are within 48 of 256 bits")
        expect(empty).to_be_visible()
