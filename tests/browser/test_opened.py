"""``alexcore dashboard FOLDER``: from one's own folder and weights to neighbours in Chromium."""

import os
import shutil
import sys
from pathlib import Path

import torch
from playwright.sync_api import Browser, expect
from torchvision.models import alexnet

from tests.browser.server import (
    NEEDS_CHROMIUM,
    ROOT,
    find_port,
    go_to,
    open_page,
    run_server,
    settle,
)

pytestmark = NEEDS_CHROMIUM


def test_a_folder_and_weights_are_looked_into(
    browser: Browser, creatures: Path, tmp_path: Path
) -> None:
    """Weights of real size, as torchvision saves them."""
    torch.save(alexnet(num_classes=7).state_dict(), tmp_path / "seven.pth")
    pictures = shutil.copytree(creatures, tmp_path / "mine")
    port, log = find_port(), tmp_path / "server.log"
    command = [sys.executable, "-m", "alexcore", "dashboard", str(pictures), "--no-open"]
    command += ["--model", str(tmp_path / "seven.pth"), "--port", str(port)]
    environment = os.environ | {"ALEXCORE_DATA": str(tmp_path / "data")}
    with (
        run_server(command, port, log, ROOT, environment) as server,
        open_page(browser, server, "retrieval") as page,
    ):
        expect(page.get_by_text("seven.pth, 7 classes")).to_be_visible()
        expect(page.get_by_role("combobox", name="Gallery")).to_have_value("mine")
        page.get_by_role("button", name="Build the gallery").click()
        expect(page.get_by_alt_text("Neighbour ")).to_have_count(10)
        settle(page, "Retrieval")
        go_to(page, "Feature maps")
        expect(page.get_by_alt_text("All 64 channels of relu1 for brook")).to_be_visible()
    assert f"http://localhost:{port}/retrieval" in log.read_text()
