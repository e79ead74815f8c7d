import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.scriptrunner_utils.script_run_context import (
    ThreadState,
    in_cached_function,
)

from alexcore.errors import CheckpointError
from alexcore.settings import DEMO_RUN, SAMPLE_IMAGES
from alexcore.weights import imagenet
from tests.dashboard.conftest import OpenPage

PAGES = {
    "": "Inside AlexNet",
    "architecture": "Architecture",
    "training": "Training",
    "feature_maps": "Feature maps",
    "retrieval": "Retrieval",
}


def create_photo(kind: str = "JPEG") -> bytes:
    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    pixels = rng.integers(0, 255, (300, 400, 3), np.uint8)
    Image.fromarray(pixels).save(file, kind, exif=exif.tobytes())
    return file.getvalue()


@pytest.mark.parametrize(("page", "title"), PAGES.items())
def test_every_page_opens_without_an_error(open_page: OpenPage, page: str, title: str) -> None:
    at = open_page(page)
    assert at.title[0].value == title
    assert not at.error
    assert not at.warning


@pytest.mark.parametrize("page", list(PAGES)[1:])
def test_the_explanation_names_the_papers_section(open_page: OpenPage, page: str) -> None:
    texts = [element.value for element in open_page(page).main.markdown]
    (explanation,) = [text for text in texts if "papers.nips.cc" in text]
    assert "section " in explanation


def test_the_shipped_run_that_shows_most_is_chosen_first(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALEXCORE_MODEL")
    at = open_page()
    assert at.selectbox(key="model").value == DEMO_RUN
    assert at.selectbox(key="model").options[-1] == "imagenet"


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
@pytest.mark.parametrize("page", ["feature_maps", "retrieval"])
def test_an_uploaded_photo_is_looked_at(open_page: OpenPage, page: str, kind: str) -> None:
    at = open_page(page)
    photo = create_photo(kind)
    at.file_uploader(key="uploader").set_value(("holiday.jpg", photo, "image/jpeg")).run()
    assert not at.exception and not at.error
    assert str(at.selectbox(key="image").value).startswith("holiday-")


def test_a_text_file_named_jpg_gives_one_clear_message(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    before = at.selectbox(key="image").value
    at.file_uploader(key="uploader").set_value(("note.jpg", b"dear diary", "image/jpeg")).run()
    assert not at.exception
    assert len(at.error) == 1
    assert "note.jpg: this file is not a picture we can read" in at.error[0].value
    assert at.selectbox(key="image").value == before


def test_imagenet_without_a_network_says_what_to_do(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    import torch

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", _refuse)
    at = open_page("feature_maps", model="imagenet")
    assert len(at.error) == 1
    assert "could not be downloaded" in at.error[0].value
    assert "choose a shipped run" in at.error[0].value


def _refuse(*_: object, **__: object) -> None:
    raise OSError("no route to host")


def test_a_link_reopens_what_was_seen(open_page: OpenPage) -> None:
    at = open_page(model="untrained-full", image="volt")
    assert at.selectbox(key="model").value == "untrained-full"
    assert at.selectbox(key="image").value == "volt"


@pytest.mark.parametrize("page", list(PAGES))
def test_every_page_works_without_any_run(
    open_page: OpenPage, page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("alexcore.dashboard.caching.get_run_roots", lambda: (tmp_path / "gone",))
    at = open_page(page)
    assert not at.error
    assert at.selectbox(key="model").value == "untrained-full"


def test_a_damaged_run_is_named_and_hides_no_other(open_page: OpenPage, tmp_path: Path) -> None:
    (tmp_path / "runs" / "half").mkdir(parents=True)
    (tmp_path / "runs" / "half" / "run.json").write_text("{")
    at = open_page("training")
    assert len(at.warning) == 1
    assert "is damaged" in at.warning[0].value
    assert "half-b16-s1" in list(at.dataframe(key="run-table").value["run"])


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("feature_maps", {"model": "imagenet"}),
        ("retrieval", {"model": "imagenet"}),
        ("architecture", {"model": "imagenet"}),
        ("feature_maps", {"fview": "Side by side", "bmodel": "imagenet"}),
    ],
    ids=["feature maps", "retrieval", "architecture", "side by side"],
)
def test_weights_are_fetched_where_stop_acts(
    open_page: OpenPage,
    page: str,
    query: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Streamlit allows no button in a cached function, and a fragment's ends nothing that runs."""
    hindered: list[bool] = []

    def fetch(on_bytes: Callable[[int, int], None]) -> None:
        in_fragment = ThreadState.get().fragment_id is not None
        hindered.append(in_cached_function.get() or in_fragment)
        on_bytes(1, 2)
        raise CheckpointError("there is no network")

    monkeypatch.setattr(imagenet, "find_imagenet_file", lambda: tmp_path / "weights.pth")
    monkeypatch.setattr(imagenet, "fetch_imagenet", fetch)
    at = open_page(page, **query)
    for button in [button for button in at.button if button.label == "Download imagenet"]:
        assert not hindered
        button.click().run()
    assert not at.exception
    assert hindered == [False]
    assert [error.value for error in at.error] == ["There is no network"]


def test_samples_are_read_once_for_all_sessions(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_page()
    read: list[Path] = []
    read_bytes = Path.read_bytes

    def note(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", note)
    open_page(image="volt")
    assert SAMPLE_IMAGES not in [path.parent for path in read]
