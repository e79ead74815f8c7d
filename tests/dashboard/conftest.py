"""The dashboard as AppTest runs it: shipped runs, folders of its own, a small gallery."""

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from alexcore.dashboard import urls
from alexcore.dashboard.app import PAGES

ROOT = Path(__file__).parents[2]
MAIN = ROOT / "alexcore" / "dashboard" / "main.py"
OpenPage = Callable[..., AppTest]
_READ_DIRECTLY = {urls.COVER, urls.FEATURE_CELL, urls.LIKE, urls.NEIGHBOUR, urls.WALK}
"""Query parameters that no widget is bound to."""


def texts(at: AppTest) -> str:
    """Return what a page says in its paragraphs and captions."""
    return "\n".join(element.value for element in (*at.markdown, *at.caption))


@pytest.fixture
def open_page(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenPage:
    """Open a page of the dashboard, with query parameters if there are any."""
    st.cache_data.clear()  # runs are looked up anew, models stay
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("ALEXCORE_DATA", str(data_folder))
    monkeypatch.setenv("ALEXCORE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("ALEXCORE_MODEL", "half-b16-s1")  # of which there is a gallery

    def open_(page: str = "", /, **query: str) -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=60)
        for key, value in query.items():
            at.query_params[key] = value
        at.run()
        if page:
            at.switch_page(str(PAGES[page].path)).run()
        assert not at.exception, at.exception
        with at.session_state._state.query_params() as params:
            unknown = {key for key in query if not params.is_bound(key)} - _READ_DIRECTLY
        assert not unknown, f"nothing on the page reads {unknown} of its address"
        return at

    return open_
