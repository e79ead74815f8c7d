"""Uploads of real size: what arrives, what it leaves in memory, and what is refused in words."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import psutil
import pytest
import torch
import torchvision
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from torchvision.models import AlexNet_Weights

from alexcore.dashboard.uploads import PICTURE_MB, WEIGHTS_MB
from alexcore.models import create_model
from tests.browser.server import NEEDS_CHROMIUM, Server, go_to, open_page, serve, settle

pytestmark = NEEDS_CHROMIUM

MEGABYTE = 10**6
A_PAGE = 150 * MEGABYTE
"""What showing a model for the first time takes beside its weights: libraries, a trace, maps."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """State dicts as their owners save them: float32, by torch.save."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    models = {
        "alexnet": torchvision.models.alexnet(),
        "full": create_model("full"),
        "half": create_model("half"),
    }
    for name, model in models.items():
        torch.save(model.state_dict(), folder / f"{name}.pth")
    return {name: folder / f"{name}.pth" for name in models}


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, data_folder: Path, files: dict[str, Path]
) -> Iterator[Server]:
    """In the place of the ImageNet weights lie random ones, so that none are downloaded."""
    home = tmp_path_factory.mktemp("torch")
    imagenet = home / "hub" / "checkpoints" / Path(AlexNet_Weights.IMAGENET1K_V1.url).name
    imagenet.parent.mkdir(parents=True)
    imagenet.hardlink_to(files["alexnet"])
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TORCH_HOME", str(home))
        with serve(tmp_path_factory.mktemp("server"), data_folder) as running:
            yield running


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """Feature maps of the shipped model, in a session of its own."""
    with open_page(browser, server, "feature_maps?image=volt") as page:
        yield page


def upload_weights(page: Page, path: Path) -> None:
    if not find_uploader(page, "own-weights").is_visible():
        page.get_by_role("button", name="Your own weights").click()
    find_uploader(page, "own-weights").locator("input").set_input_files(path)


def find_uploader(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key}")


def create_file(path: Path, size: int) -> Path:
    """A file of that many zeros, which take no room on most disks."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


class Memory:
    """What a process holds beyond what it held before, in bytes, and the most it held between."""

    def __init__(self, server: Server) -> None:
        self._process = psutil.Process(server.process_id)
        self.before = self._read()
        self._peak = self.before
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    @property
    def grown(self) -> int:
        return self._read() - self.before

    @property
    def peak(self) -> int:
        return self._peak - self.before

    def _read(self) -> int:
        return int(self._process.memory_info().rss)

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self._peak = max(self._peak, self._read())

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._over.set()
        self._thread.join()


def test_weights_of_real_size_arrive_and_leave_no_copies(
    page: Page, server: Server, files: dict[str, Path]
) -> None:
    """Two models are kept: the third lets the first go.

    While a file is taken there are its bytes and its tensors, which become the model's; afterwards
    the model alone.
    """
    sizes = {name: path.stat().st_size for name, path in files.items()}
    assert sizes["alexnet"] > 244e6 and sizes["full"] > 107e6 and sizes["half"] > 58e6
    titles = {"alexnet": "Torchvision", "full": "Full width", "half": "Half width"}
    maps = {"alexnet": 64, "full": 96, "half": 48}
    start = Memory(server)
    kept: list[str] = []
    for name, path in files.items():
        with Memory(server) as memory:
            upload_weights(page, path)
            caption = page.get_by_text(f"{titles[name]} · your own weights")
            expect(caption).to_be_visible()
            settle(page, "Feature maps")
            tiles = page.get_by_alt_text(f"All {maps[name]} channels of relu1 for volt")
            expect(tiles).to_be_visible()
            settle(page, "Feature maps")
        assert find_uploader(page, "own-weights").get_by_test_id("stFileChip").count() == 0
        kept = [*kept, name][-2:]
        assert memory.peak < 2.3 * sizes[name] + A_PAGE / 2, name
        assert start.grown < 1.1 * sum(sizes[model] for model in kept) + A_PAGE, name
    page.keyboard.press("Escape")
    go_to(page, "Architecture")
    expect(page.get_by_text("weights of half-").first).to_be_visible()
    assert start.grown < 1.1 * (sizes["full"] + sizes["half"]) + A_PAGE


def expect_refusal(page: Page, key: str, limit: str, advice: str) -> None:
    """The sentence under the file is there to be read, not for screen readers alone."""
    message = find_uploader(page, key).get_by_role("alert")
    expect(message).to_have_text(f"Error: File must be {limit} or smaller.")
    box = message.bounding_box()
    assert box is not None and box["width"] > 150 and box["height"] > 30
    after = message.evaluate("element => getComputedStyle(element, '::after').content")
    assert advice in after


def test_a_picture_of_one_byte_too_many_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    picture = create_file(tmp_path / "wall.png", PICTURE_MB * MEGABYTE + 1)
    uploader = find_uploader(page, "own-pictures")
    uploader.locator("input").set_input_files(picture)
    expect_refusal(page, "own-pictures", "50.0MB", "up to 50 MB are read: scale it down, or save")
    uploader.locator("input").set_input_files("sample_images/muse.png")
    expect(page.get_by_alt_text("channels of relu1 for muse-")).to_be_visible()
    settle(page, "Feature maps")
    expect_refusal(page, "own-pictures", "50.0MB", "up to 50 MB are read: scale it down, or save")


def test_a_picture_of_the_largest_size_passes_the_server(page: Page, tmp_path: Path) -> None:
    """Zeros are no picture; what one is told comes from reading them, not from a limit."""
    picture = create_file(tmp_path / "wall.png", PICTURE_MB * MEGABYTE)
    find_uploader(page, "own-pictures").locator("input").set_input_files(picture)
    message = page.get_by_test_id("stAlertContentError")
    expect(message).to_contain_text("wall.png: this file is not a picture")
    go_to(page, "Architecture")
    expect(page.get_by_text("parameters").first).to_be_visible()


def test_weights_of_one_byte_too_many_are_refused_in_words(
    page: Page, server: Server, files: dict[str, Path], tmp_path: Path
) -> None:
    upload_weights(page, create_file(tmp_path / "huge.pth", WEIGHTS_MB * MEGABYTE + 1))
    advice = "up to 280 MB are read: save model.state_dict() alone, without the optimizer"
    expect_refusal(page, "own-weights", "280.0MB", advice)
    upload_weights(page, files["half"])
    expect(page.get_by_text("Half width · your own weights")).to_be_visible()
    settle(page, "Feature maps")


def test_weights_of_the_largest_size_pass_the_server_and_are_not_kept(
    page: Page, server: Server, tmp_path: Path
) -> None:
    start = Memory(server)
    upload_weights(page, create_file(tmp_path / "zeros.pth", WEIGHTS_MB * MEGABYTE))
    message = page.get_by_test_id("stAlertContentError")
    expect(message).to_contain_text("zeros.pth: this file is damaged")
    settle(page, "Feature maps")
    assert start.grown < A_PAGE / 2


def test_a_strangers_photo_is_offered_a_net_that_knows_more(page: Page, tmp_path: Path) -> None:
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "landscape.jpg")
    note = page.get_by_text("half-b16-s1 knows 5 drawn creatures and nothing else.")
    expect(note).to_have_count(0)
    uploader = find_uploader(page, "own-pictures")
    uploader.locator("input").set_input_files(tmp_path / "landscape.jpg")
    expect(note).to_be_visible()
    expect(page.get_by_text("validation pictures.")).to_be_visible()
    settle(page, "Feature maps")
    go_to(page, "Retrieval")
    expect(note).to_be_visible()
    said = page.get_by_text("neighbours have the class the net predicts")
    count = int(said.inner_text().removeprefix("● ").split(" of ")[0])
    expect(page.get_by_alt_text(", of the class predicted for the query")).to_have_count(count)
    expect(page.get_by_text("● ", exact=False)).to_have_count(count + 1)
    expect(page.get_by_text("green where the class is the one the net predicts")).to_be_visible()
    page.get_by_role("button", name="Use the ImageNet weights").click()
    expect(page.get_by_text("Torchvision · ImageNet weights")).to_be_visible()
    expect(note).to_have_count(0)
    settle(page, "Retrieval")
    go_to(page, "Feature maps")
    expect(page.get_by_alt_text("All 64 channels of relu1 for landscape-")).to_be_visible()
    settle(page, "Feature maps")
    assert "model=imagenet" in page.url
