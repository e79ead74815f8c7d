"""The guided demo: five steps over the pages, each a link that sets the page's state."""

import streamlit as st

_STEPS = (
    (
        "Most weights sit in one layer",
        "fc6 alone holds more than half of all parameters and does a few percent of the work.",
        "views/architecture.py",
        {"variant": "full", "detail": "fc6"},
    ),
    (
        "Does half the width learn worse?",
        "Three seeds, four kinds of run, one answer with its uncertainty.",
        "views/training.py",
        {"experiment": "creatures"},
    ),
    (
        "What conv1 sees, and where it looks",
        "Edges and colours: each tile is a channel. Click one, then a cell of it.",
        "views/feature_maps.py",
        {"image": "volt", "layer": "relu1", "channel": "12"},
    ),
    (
        "Why it decides so",
        "Grad-CAM on a picture that is hard: two creatures, one label.",
        "views/feature_maps.py",
        {"image": "hard-two-creatures", "fview": "Why"},
    ),
    (
        "What it finds alike",
        "Ten neighbours in the last hidden layer. Choose one and ask for more like it.",
        "views/retrieval.py",
        {"image": "cinder-surprised"},
    ),
)


def show_tour() -> None:
    """List the steps, three minutes in all."""
    with st.expander("A tour in three minutes", icon=":material/explore:"):
        for number, (title, text, page, query) in enumerate(_STEPS, start=1):
            st.page_link(page, label=f"**{number}. {title}**", query_params=query)
            st.caption(text)
