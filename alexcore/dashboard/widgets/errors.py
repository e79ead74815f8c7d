"""One way for an error a person can mend to reach the page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from alexcore.errors import AlexcoreError


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an ``AlexcoreError`` raised inside as one box; what follows the block still runs.

    A fragment that may raise one has it as a decorator: rerun alone, it stands in no page's block.
    """
    try:
        yield
    except AlexcoreError as error:
        show_error(error)


def show_error(error: AlexcoreError) -> None:
    """Show what can be mended as one box."""
    text = str(error)
    st.error(text[:1].upper() + text[1:], icon=":material/error:")
