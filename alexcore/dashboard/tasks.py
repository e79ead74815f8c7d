"""Long work on a page, one way to ask for it: refused where it writes and nothing may, a bar, Stop.

Any click outside a fragment makes Streamlit run the page anew, which ends the work at its next word
to the bar. So long work is done by the page itself, never within a fragment.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from alexcore.dashboard.permissions import refuse_writing
from alexcore.datasets.folder import OnProgress


@contextmanager
def work_shown(
    what: str, unit: str = "pictures", scale: int = 1, writes: bool = True
) -> Iterator[OnProgress]:
    """Yield what moves the bar: (done, total). It goes when the work ends.

    Args:
        what: What goes on, as "Embedding" or "Drawing the demo set".
        unit: Of what is counted.
        scale: How many of what is counted make one of the unit.
        writes: Whether read-only mode forbids it.

    Raises:
        AlexcoreError: It writes, and the dashboard is read-only.
    """
    if writes:
        refuse_writing(what[0].lower() + what[1:])
    place, began = st.empty(), time.monotonic()
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, f"{what} ...")
        st.button("Stop", icon=":material/stop:", key=f"stop {what}",
                  help="What is done by then is kept.")  # fmt: skip

    def on_progress(done: int, total: int) -> None:
        rate = done / max(time.monotonic() - began, 1e-9)
        left = (total - done) / max(rate, 1e-9)
        text = f"{what}: {done / scale:,.0f} of {total / scale:,.0f} {unit}"
        bar.progress(min(1.0, done / max(total, 1)),
                     f"{text}, {rate / scale:,.0f} a second, {left:.0f} s to go")  # fmt: skip

    try:
        yield on_progress
    finally:
        place.empty()
