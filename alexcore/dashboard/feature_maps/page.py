"""What each channel of each layer sees in the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference, get_predictions
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.attribution import show_why
from alexcore.dashboard.feature_maps.beside import show_beside
from alexcore.dashboard.feature_maps.combined import show_combined
from alexcore.dashboard.feature_maps.grid import show_grid
from alexcore.dashboard.feature_maps.top_images import find_requested
from alexcore.dashboard.feature_maps.what_if import show_what_if
from alexcore.dashboard.session import get_image, get_source
from alexcore.dashboard.strangers import show_stranger_note
from alexcore.dashboard.warm_up import skeleton_while_cold
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.dashboard.widgets.weights import fetch_wanted
from alexcore.figures.bars import plot_classes
from alexcore.runs.predictions import describe_sureness

if TYPE_CHECKING:
    from alexcore.inference.model import Inference


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    source, image = get_source(), get_image()

    with errors_shown():
        fetch_wanted()
        find_requested()
    with errors_shown():
        with skeleton_while_cold():
            inference = get_inference(source, image)
        _show_summary(inference)
        show_stranger_note(source, image)
        view = st.segmented_control(
            "View", list(_VIEWS), default="Grid", required=True, key=urls.FEATURE_VIEW,
            bind="query-params", label_visibility="collapsed", wrap=True,
        )  # fmt: skip
        _VIEWS[view](inference)


def _show_summary(inference: Inference) -> None:
    """What the net receives, and its likeliest classes."""
    source, picture = inference.model.source, inference.picture
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            picture.pixels,
            width=170,
            alt=f"The centre of {inference.name}, as the net receives it",
        )
        with st.container(width=420):
            show_chart(
                plot_classes(
                    [p.label for p in inference.predictions],
                    [p.probability for p in inference.predictions],
                ),
                "classes",
                "The likeliest classes and their probabilities",
            )
            with errors_shown():
                _show_sureness(inference)
    width, height = picture.size
    side = source.preprocessing.crop
    st.caption(
        f"What {source.name} receives of {inference.name} ({width} × {height}): the middle "
        f"{side} × {side} pixels of it at {source.preprocessing.resize} on the shorter side; and "
        "what it predicts."
    )


def _show_sureness(inference: Inference) -> None:
    """Say how usual the likeliest class's probability is for this net, where its run tells."""
    source = inference.model.source
    predictions = get_predictions(source.run) if source.run else []
    if predictions:
        said = describe_sureness(inference.predictions[0].probability, predictions)
        st.caption(f"{source.name} is {said}.")


_VIEWS: dict[str, Callable[[Inference], None]] = {
    "Grid": show_grid,
    "All in one": show_combined,
    "Side by side": show_beside,
    "Why": show_why,
    "What if": show_what_if,
}
