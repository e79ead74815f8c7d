"""The guided demo: six steps over the pages, each of which sets the page's state."""

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.app import PAGES
from alexcore.settings import DEMO_RUN

_STEPS: tuple[tuple[str, str, str, dict[str, str | int]], ...] = (
    (
        "Most weights sit in one layer",
        "fc6 alone holds more than half of all parameters and does a few percent of the work.",
        "architecture",
        {urls.VIEW: "Layers", urls.VARIANT: "full", urls.DETAIL: "fc6"},
    ),
    (
        "224 pixels, or 227?",
        "The authors' program rounds up where libraries round down: its sources beside the paper.",
        "architecture",
        {urls.VIEW: "Sources", urls.WORDS: "input"},
    ),
    (
        "Does half the width learn worse?",
        "Three seeds, four configurations, one finding with its uncertainty.",
        "training",
        {urls.TRAINING_VIEW: "Compare", urls.EXPERIMENT: "creatures"},
    ),
    (
        "What conv1 sees, and where it looks",
        "Edges and colours: each tile is a channel. Click one, then a cell of it.",
        "feature_maps",
        {
            urls.MODEL: DEMO_RUN,
            urls.IMAGE: "volt",
            urls.FEATURE_VIEW: "Grid",
            urls.LAYER: "relu1",
            urls.CHANNEL: 12,
        },
    ),
    (
        "Why it decides so",
        "Grad-CAM on a picture that is hard: two creatures, one label.",
        "feature_maps",
        {urls.MODEL: DEMO_RUN, urls.IMAGE: "hard-two-creatures", urls.FEATURE_VIEW: "Why"},
    ),
    (
        "What it finds alike",
        "Ten neighbours in the last hidden layer. Choose one and ask for more like it.",
        "retrieval",
        {urls.MODEL: DEMO_RUN, urls.IMAGE: "cinder-surprised", urls.RETRIEVAL_VIEW: "Neighbours"},
    ),
)

_SIDEBAR = (urls.MODEL, urls.IMAGE)


def show_tour() -> None:
    """List the steps, three minutes in all."""
    with st.expander("A tour in three minutes", icon=":material/explore:"):
        for number, (title, text, page, state) in enumerate(_STEPS, start=1):
            if st.button(
                f"**{number}. {title}**", key=f"tour-{number}", type="tertiary",
                icon=":material/arrow_forward:", on_click=_set, args=(state,),
            ):  # fmt: skip
                st.switch_page(PAGES[page].path, query_params=_link(state))
            st.caption(text)


def _set(state: dict[str, str | int]) -> None:
    """Choose in the sidebar, and forget what was chosen on the next page: its link counts."""
    for key in state:
        st.session_state.pop(key, None)
    for key in state.keys() & {*_SIDEBAR}:
        st.session_state[key] = state[key]


def _link(state: dict[str, str | int]) -> dict[str, str]:
    """Return what the address must say; the sidebar's pickers write their own part."""
    return {key: str(value) for key, value in state.items() if key not in _SIDEBAR}
