"""Where the browser finds what components publish."""

from urllib.parse import urljoin

import pytest
from streamlit.testing.v1 import AppTest


def show_addresses() -> None:
    import streamlit as st

    from alexcore.dashboard.components import publish

    st.text(publish(b"a picture", "image/png", "first"))
    st.text(publish(b"a picture", "image/png", "second"))
    st.text(publish(b"another", "image/png", "second"))


@pytest.mark.parametrize("base", ["http://host/", "http://host/below/a/path/"])
def test_an_address_holds_for_every_page_below_any_path(base: str) -> None:
    at = AppTest.from_function(show_addresses).run()
    assert not at.exception
    first, same, other = (text.value for text in at.text)
    assert first == same != other
    for page in ("", "retrieval"):
        assert urljoin(base + page, first).startswith(f"{base}mock/media/")
