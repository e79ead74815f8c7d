"""One Chromium and one dashboard for all files that ask for no dashboard of their own.

They end with the package, since Playwright keeps an event loop running in the thread of the tests.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.server import Server, launch, open_page, serve


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Iterator[Server]:
    """The shipped runs and a small gallery; no test changes what another sees."""
    with serve(tmp_path_factory.mktemp("server"), data_folder) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """The Overview in a session of its own."""
    with open_page(browser, server) as page:
        yield page
