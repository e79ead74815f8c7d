"""Weights that lie elsewhere: a panel asks for them, and the page fetches them, where Stop acts."""

import streamlit as st

from alexcore.dashboard.caching import fetch_weights
from alexcore.dashboard.permissions import ask_to_write
from alexcore.sources import ModelSource

_WANTED = "wanted-weights"


def offer_weights(source: ModelSource) -> bool:
    """Return whether a model's weights are here, and where they are not offer to download them."""
    if source.download is None or source.download.is_here():
        return True
    st.caption(f"The weights of {source.name} are not here yet; they are downloaded once.")
    if ask_to_write(f"Download {source.name}", ":material/download:"):
        st.session_state[_WANTED] = source
        st.rerun(scope="app")
    return False


def fetch_wanted() -> None:
    """Download what a panel asked for; a page that is stopped and run anew does not begin again.

    Raises:
        AlexcoreError: It cannot be downloaded, or the dashboard is read-only.
    """
    source = st.session_state.pop(_WANTED, None)
    if source is not None:
        fetch_weights(source)
