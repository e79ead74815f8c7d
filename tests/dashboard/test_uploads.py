import tomllib
from collections.abc import Iterator

import pytest
import torch
from PIL import Image
from streamlit import config
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from alexcore.dashboard.uploads import PICTURE_MB, WEIGHTS_MB, get_limit, take_bytes
from alexcore.images.decode import MAX_BYTES
from alexcore.models import create_model, list_models
from tests.dashboard.conftest import ROOT, OpenPage
from tests.dashboard.test_pages import create_photo
from tests.images.test_decode import encode
from tests.weights.test_untrusted import to_bytes


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_limit_of_weights_fits_every_variant(name: str) -> None:
    """At ImageNet's classes and the paper's width, in float32, with five percent to spare."""
    with torch.device("meta"):
        model = create_model(name, num_classes=1000, hidden=4096)
    size = sum(4 * value.numel() for value in model.state_dict().values())
    assert 1.05 * size < WEIGHTS_MB * 10**6


def test_server_lets_through_what_the_uploaders_take() -> None:
    """It counts in 2**20 bytes, the uploaders in 10**6."""
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert options["server"]["maxUploadSize"] >= WEIGHTS_MB > PICTURE_MB
    assert PICTURE_MB * 10**6 == MAX_BYTES


@pytest.fixture
def small_server() -> Iterator[None]:
    before = int(config.get_option("server.maxUploadSize"))
    config.set_option("server.maxUploadSize", 30)
    yield
    config.set_option("server.maxUploadSize", before)


def test_limit_is_never_more_than_the_servers(small_server: None) -> None:
    assert get_limit(WEIGHTS_MB) == get_limit(PICTURE_MB) == 30
    assert get_limit(20) == 20


def test_taken_bytes_are_the_files_own_and_are_let_go() -> None:
    data = bytes(1000)
    file = UploadedFile(UploadedFileRec("1", "a.pth", "", data), FileURLs())
    assert take_bytes(file) is data
    assert file.getvalue() == b""


def upload(at: AppTest, name: str, data: bytes) -> None:
    uploader = next(item for item in at.file_uploader if str(item.key).startswith("weights"))
    uploader.set_value((name, data, "application/zip")).run()
    assert not at.exception


def test_two_own_models_are_kept(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    for classes in (2, 3, 4):
        data = to_bytes(create_model("half", num_classes=classes, hidden=8).state_dict())
        upload(at, f"mine{classes}.pth", data)
        assert f"your own weights, {classes} classes" in at.sidebar.caption[0].value
    own = [name for name in at.selectbox(key="model").options if name.startswith("mine")]
    assert [name.split("-")[0] for name in own] == ["mine3", "mine4"]


def test_weights_taken_again_become_the_newest(open_page: OpenPage) -> None:
    at = open_page()
    files = {
        n: to_bytes(create_model("half", num_classes=n, hidden=8).state_dict()) for n in (2, 3, 4)
    }
    for classes in (2, 3, 2, 4):
        upload(at, f"mine{classes}.pth", files[classes])
    own = [name for name in at.selectbox(key="model").options if name.startswith("mine")]
    assert [name.split("-")[0] for name in own] == ["mine2", "mine4"]


def test_an_uploader_is_empty_after_its_weights_were_taken(open_page: OpenPage) -> None:
    at = open_page()
    upload(at, "net.pth", b"<!DOCTYPE html><html></html>")
    assert at.error[0].value.startswith("net.pth: this is a web page")
    uploader = next(item for item in at.file_uploader if str(item.key).startswith("weights"))
    assert uploader.value is None and str(uploader.key) == "weights-1"


def test_what_cannot_be_read_is_named_while_it_is_listed(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    files = [("note.jpg", b"dear diary", "image/jpeg"), ("a.jpg", create_photo(), "image/jpeg")]
    at.file_uploader(key="uploader").set_value(files).run()
    assert str(at.selectbox(key="image").value).startswith("a-")
    assert [error.value.split(":")[0] for error in at.error] == ["note.jpg"]
    at.selectbox(key="layer").set_value("conv2").run()
    assert len(at.error) == 1
    at.file_uploader(key="uploader").set_value([]).run()
    assert not at.error and not at.exception


def test_a_bad_picture_takes_no_good_ones_place(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    good = [
        (f"{n}.png", encode(Image.new("RGB", (8, 8), (n, 0, 0)), "PNG"), "image/png")
        for n in range(24)
    ]
    at.file_uploader(key="uploader").set_value(good).run()
    kept = list(at.session_state["uploads"])
    assert len(kept) == 24  # as many as are kept
    at.file_uploader(key="uploader").set_value([*good, ("n.jpg", b"no", "image/jpeg")]).run()
    assert [error.value.split(":")[0] for error in at.error] == ["n.jpg"]
    assert list(at.session_state["uploads"]) == kept
