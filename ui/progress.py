"""Long work on a page: a bar that says how far it is, gone when it ends, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

Say = Callable[[int, int, str], None]


@contextmanager
def progress_shown(text: str) -> Iterator[Say]:
    """Yield what moves the bar: (done, total, what is going on).

    Streamlit's own Stop ends a script at its next word to the page, so each word is a chance to
    cancel; what was finished before it stays on disk.
    """
    place = st.empty()
    try:
        with place.container():
            bar = st.progress(0.0, text)
            st.caption("*Stop*, at the top right, ends this; what is done by then is kept.")

        def say(done: int, total: int, now: str) -> None:
            bar.progress(done / max(total, 1), now)

        yield say
    finally:
        place.empty()
