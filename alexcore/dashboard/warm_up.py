"""What happens behind the first page: slow imports, then less work for the garbage collector."""

import atexit
import gc
import threading
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

_WARM = threading.Event()


def skeleton_while_cold(height: int = 560) -> AbstractContextManager[object]:
    """Show a skeleton around what may wait for slow imports; nothing once they are done."""
    return nullcontext() if _WARM.is_set() else st.skeleton(height=height)


@st.cache_resource
def start_warm_up() -> threading.Thread:
    """Import what the other pages need while the first is being read."""
    thread = threading.Timer(0.5, _warm_up)
    thread.daemon = True
    thread.start()
    return thread


def _warm_up() -> None:
    """Import the slow libraries, then take their objects out of garbage collection.

    Streamlit collects garbage after every run of a script. With torch and its company loaded one
    collection takes a fifth of a second, during which no session gets an answer; frozen objects
    are not looked at again.
    """
    import lance  # noqa: F401

    import alexcore.images.sandbox
    import alexcore.inference.extract
    import alexcore.inspection.tables
    import alexcore.inspection.trace
    import alexcore.weights.safetensors  # noqa: F401
    from alexcore.models import create_model

    create_model("half", hidden=1)  # what torch itself imports on first use
    gc.collect()
    gc.freeze()
    _WARM.set()
    atexit.register(gc.unfreeze)  # so that libraries see their objects go at the end
