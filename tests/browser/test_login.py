"""The optional login, against a provider of OpenID Connect that speaks the whole protocol."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.provider import CLIENT, SECRET, provide
from tests.browser.server import NEEDS_CHROMIUM, Server, find_port, serve

pytestmark = NEEDS_CHROMIUM

_SECRETS = """
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "a long and random text of this test alone"
client_id = "{client}"
client_secret = "{secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"
"""


@pytest.fixture
def server(tmp_path: Path, data_folder: Path) -> Iterator[Server]:
    with provide() as provider:
        port, secrets = find_port(), tmp_path / "secrets.toml"
        secrets.write_text(
            _SECRETS.format(port=port, client=CLIENT, secret=SECRET, provider=provider)
        )
        options = ("--secrets.files", str(secrets))
        with serve(tmp_path, data_folder, port=port, options=options) as running:
            yield running


def test_nothing_is_shown_before_the_login_and_after_the_logout(
    browser: Browser, server: Server
) -> None:
    page = browser.new_page()
    page.goto(f"{server.url}/feature_maps")
    login = page.get_by_test_id("stMain").get_by_role("button", name="Log in")
    login.wait_for()
    expect(page.get_by_test_id("stSidebar").get_by_text("Model")).to_have_count(0)
    expect(page.get_by_role("heading", name="Feature maps")).to_have_count(0)
    login.click()
    page.get_by_role("heading", name="Inside AlexNet", exact=True).wait_for()
    page.get_by_role("button", name="Log out").click()
    login.wait_for()
    expect(page.get_by_test_id("stSidebar").get_by_text("Model")).to_have_count(0)
    page.close()
