"""``python -m tests.browser.screenshots FOLDER``: every page, light and dark, wide and narrow."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from alexcore.settings import DEMO_RUN, get_data_folder, override
from tests.browser.server import PAGES, Server, launch, serve, settle


def take_screenshots(folder: Path, data: Path, widths: tuple[int, ...] = (1440, 390)) -> None:
    """Write ``<page>-<scheme>-<width>.png`` for every page into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch), data) as server,
        launch() as browser,
    ):
        for scheme in ("light", "dark"):
            for width in widths:
                _take_all(browser, server, folder, scheme, width)


def _take_all(browser: Browser, server: Server, folder: Path, scheme: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    for name, title in PAGES.items():
        path = "" if name == "Overview" else name.lower().replace(" ", "_")
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{server.url}/{path}")
        settle(page, title)
        height = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollHeight")
        page.set_viewport_size({"width": width, "height": min(max(900, int(height)), 3200)})
        page.wait_for_timeout(700)
        page.screenshot(path=folder / f"{path or 'overview'}-{scheme}-{width}.png")
    context.close()


if __name__ == "__main__":
    override(model=DEMO_RUN)
    take_screenshots(Path(sys.argv[1]), get_data_folder().resolve())
