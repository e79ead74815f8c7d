"""Long work on a page: a bar that says how far it is, and a button that ends it.

Any click outside a fragment makes Streamlit run the page anew, which ends the work at its next word
to the bar. So long work is done by the page itself, never within a fragment.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

Say = Callable[[int, int, str], None]


@contextmanager
def progress_shown(text: str) -> Iterator[Say]:
    """Yield what moves the bar: (done, total, what is going on). It goes when the work ends."""
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text)
        st.button("Stop", icon=":material/stop:", key=f"stop {text}",
                  help="What is done by then is kept.")  # fmt: skip

    def say(done: int, total: int, now: str) -> None:
        bar.progress(done / max(total, 1), now)

    try:
        yield say
    finally:
        place.empty()
