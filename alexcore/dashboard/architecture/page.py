"""What happens to shape, cost and receptive field; how two nets differ; what the sources say."""

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.architecture.articles import show_articles
from alexcore.dashboard.architecture.compare import show_compare
from alexcore.dashboard.architecture.layers import show_layers
from alexcore.dashboard.architecture.machine import show_machine
from alexcore.dashboard.architecture.sources import show_sources
from alexcore.dashboard.session import get_source
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.dashboard.widgets.weights import fetch_wanted


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    source = get_source()
    with errors_shown():
        fetch_wanted()
    view = st.segmented_control(
        "View",
        ["Layers", "Compare", "Sources", "Articles", "Machine"],
        default="Layers",
        required=True,
        key=urls.VIEW,
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    if view == "Compare":
        show_compare()
    elif view == "Sources":
        show_sources()
    elif view == "Articles":
        show_articles()
    elif view == "Machine":
        show_machine(source)
    else:
        show_layers(source)
