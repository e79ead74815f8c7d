"""Feature maps, what the net decides: its likeliest classes, and which pixels speak for one."""

import streamlit as st

from alexcore.dashboard.caching import get_model, get_picture, get_seen
from alexcore.dashboard.feature_maps.looks import compute_class_heatmap
from alexcore.dashboard.session import ImageChoice, ModelChoice
from alexcore.features.methods import METHODS
from alexcore.figures.sprites import create_overlay, encode_png


@st.fragment
def show_why(choice: ModelChoice, image: ImageChoice) -> None:
    """Class and method in the URL; red speaks for the class, blue against it."""
    loaded, seen = get_model(choice), get_seen(choice, image)
    left, right = st.columns([1, 2])
    with left:
        likeliest = loaded.classes.index(seen.predictions[0].label)
        target = st.selectbox("Class", loaded.classes, likeliest, key="class", bind="query-params")
        method = st.segmented_control(
            "Method", list(METHODS), default="Grad-CAM", required=True, key="method",
            bind="query-params", wrap=True,
        )  # fmt: skip
        st.caption(f"{method}: {METHODS[method]}. Red speaks for {target}, blue against it.")
    with right:
        bar = st.empty()
        heat = compute_class_heatmap(
            choice,
            image,
            loaded.classes.index(target),
            method,
            lambda done, total: bar.progress(done / total, f"{method} ..."),
        )
        bar.empty()
        png = encode_png(create_overlay(get_picture(image, choice.preset).pixels, heat, True))
        st.image(png, width=520, alt=f"Which parts of {image.name} speak for {target}, by {method}")
        st.download_button(
            "PNG", png, f"{image.name}-{target}-{method}.png", "image/png", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
