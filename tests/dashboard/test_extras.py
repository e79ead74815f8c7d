"""What the pages say where an extra is not installed; its import is blocked to see it."""

from pathlib import Path

import pytest
import streamlit as st

from tests.dashboard.conftest import OpenPage
from tests.test_extras import block


def test_the_onnx_button_is_grey_and_says_why(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page("architecture", view="Machine")
    assert not at.button(key="prepare-onnx").disabled
    block(monkeypatch, "onnx")
    at.run()
    assert at.button(key="prepare-onnx").disabled
    assert not at.button(key="prepare-safetensors").disabled
    assert any('`pip install -e ".[onnx]"`' in caption.value for caption in at.caption)


def test_the_map_offers_umap_once_it_is_installed(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    block(monkeypatch, "umap")
    at = open_page("retrieval", rview="Map", projection="UMAP")
    assert not at.error
    assert at.segmented_control(key="projection").options == ["PCA"]
    assert any('`pip install -e ".[umap]"`' in caption.value for caption in at.caption)


def test_a_milvus_gallery_says_what_it_needs(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    block(monkeypatch, "milvus")
    monkeypatch.setenv("ALEXCORE_GALLERIES", f"milvus:{tmp_path / 'galleries.db'}")
    at = open_page("retrieval")
    assert [e.value for e in at.error if 'pip install -e ".[milvus]"' in e.value]


def test_the_login_says_what_it_needs_and_stays_shut(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = open_page()
    block(monkeypatch, "auth")
    monkeypatch.setattr(
        "alexcore.dashboard.permissions.secrets_singleton.load_if_toml_exists", lambda: True
    )
    monkeypatch.setattr(st, "secrets", {"auth": {}})
    monkeypatch.setattr(st, "user", {"is_logged_in": False})
    at.run()
    assert 'pip install -e ".[auth]"' in at.error[0].value
    assert not at.button and not at.selectbox
