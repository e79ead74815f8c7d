"""Feature maps, why the net predicts what it does: which pixels raise or lower a class's score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.feature_maps.looks import get_class_heatmap
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.features.methods import METHODS
from alexcore.figures.sprites import create_overlay, encode_png

if TYPE_CHECKING:
    from alexcore.inference.model import Inference


def pick_class(inference: Inference) -> int:
    """Let people choose the class that is asked about, in the URL; the likeliest at first."""
    classes = inference.model.classes
    likeliest = classes.index(inference.predictions[0].label)
    chosen = st.selectbox("Class", classes, likeliest, key=urls.CLASS, bind="query-params")
    return classes.index(chosen)


@st.fragment
@errors_shown()
def show_why(inference: Inference) -> None:
    """Class and method in the URL; red raises the class's score, blue lowers it."""
    classes = inference.model.classes
    left, right = st.columns([1, 2])
    with left:
        target = classes[pick_class(inference)]
        method = st.segmented_control(
            "Method", list(METHODS), default="Grad-CAM", required=True, key=urls.METHOD,
            bind="query-params", wrap=True,
        )  # fmt: skip
        st.caption(
            f"{method}: {METHODS[method]}. Red raises the score of {target}, blue lowers it."
        )
    with right:
        bar = st.empty()
        heat = get_class_heatmap(
            inference,
            classes.index(target),
            method,
            lambda done, total: bar.progress(done / total, f"{method} ..."),
        )
        bar.empty()
        png = encode_png(create_overlay(inference.picture.pixels, heat, True))
        alt = f"Which parts of {inference.name} raise the score of {target}, by {method}"
        st.image(png, width=520, alt=alt)
        st.download_button(
            "PNG", png, f"{inference.name}-{target}-{method}.png", "image/png", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
