from pathlib import Path

import pytest

from alexcore.dashboard.tasks import work_shown
from alexcore.errors import AlexcoreError
from tests.dashboard.conftest import OpenPage
from tests.weights.test_untrusted import to_bytes


def test_read_only_offers_no_training_and_builds_nothing(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    monkeypatch.setenv("ALEXCORE_READ_ONLY", "1")
    at = open_page("training", tview="Train")
    assert "read-only" in at.info[0].value
    assert not [button for button in at.button if button.label == "Start"]
    before = sorted((data_folder / "galleries").iterdir())
    at = open_page("retrieval", model="untrained-half")
    build = next(button for button in at.button if button.label == "Build the gallery")
    assert build.disabled and "read-only" in build.help
    assert sorted((data_folder / "galleries").iterdir()) == before
    refused = pytest.raises(AlexcoreError, match="read-only, so embedding is switched off")
    with refused, work_shown("Embedding"):  # behind the button, for a client of one's own
        pytest.fail("it must not begin")


def test_own_weights_become_a_model(open_page: OpenPage) -> None:
    from alexcore.models import create_model

    data = to_bytes(create_model("half", num_classes=3, hidden=16).state_dict())
    at = open_page("feature_maps")
    at.file_uploader(key="weights").set_value(("mine.pth", data, "application/zip")).run()
    assert not at.exception and not at.error
    assert str(at.selectbox(key="model").value).startswith("mine-")
    assert any("your own weights, 3 classes" in c.value for c in at.caption)


def test_foreign_weights_are_refused_with_the_reason(open_page: OpenPage) -> None:
    at = open_page("feature_maps")
    page = ("net.pth", b"<!DOCTYPE html><html></html>", "application/zip")
    at.file_uploader(key="weights").set_value(page).run()
    assert at.error[0].value.startswith("net.pth: this is a web page, not weights")
    assert at.selectbox(key="model").value == "half-b16-s1"


def test_a_login_stands_before_everything_where_one_is_configured(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    import streamlit as st

    at = open_page()
    assert "Log in" not in [button.label for button in at.button]
    monkeypatch.setattr(
        "alexcore.dashboard.permissions.secrets_singleton.load_if_toml_exists", lambda: True
    )
    monkeypatch.setattr(st, "secrets", {"auth": {}})
    monkeypatch.setattr(st, "user", {"is_logged_in": False})
    at.run()
    assert [button.label for button in at.button] == ["Log in"]
    assert len(at.selectbox) == 0
