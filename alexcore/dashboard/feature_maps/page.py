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
from alexcore.dashboard.feature_maps.layers_alike import compare_requested
from alexcore.dashboard.feature_maps.looks import get_ten_crops
from alexcore.dashboard.feature_maps.through_time import show_through_time
from alexcore.dashboard.feature_maps.top_images import find_requested
from alexcore.dashboard.feature_maps.units import show_units
from alexcore.dashboard.feature_maps.what_if import show_what_if
from alexcore.dashboard.session import get_image, get_source
from alexcore.dashboard.strangers import show_stranger_note
from alexcore.dashboard.warm_up import skeleton_while_cold
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.dashboard.widgets.weights import fetch_wanted
from alexcore.figures.bars import plot_classes
from alexcore.figures.crops import draw_crops
from alexcore.figures.sprites import encode_png
from alexcore.runs.predictions import describe_sureness

if TYPE_CHECKING:
    from alexcore.inference.model import Inference
    from alexcore.inference.predictions import Prediction


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    source, image = get_source(), get_image()

    with errors_shown():
        fetch_wanted()
        find_requested()
        compare_requested()
    with errors_shown():
        with st.container(), skeleton_while_cold():  # there when warm too: nothing moves
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
            _show_classes(inference.predictions, "classes", "The likeliest classes")
            with errors_shown():
                _show_sureness(inference)
        ten = st.toggle(
            "Ten crops", key=urls.TEN_CROPS, bind="query-params",
            help="The paper's test (section 4.1): the net looks at four corners, the centre and "
            "the mirror images of all five; the probabilities of its ten answers are averaged.",
        )  # fmt: skip
    width, height = picture.size
    side = source.preprocessing.crop
    st.caption(
        f"What {source.name} receives of {inference.name} ({width} × {height}): the middle "
        f"{side} × {side} pixels of it at {source.preprocessing.resize} on the shorter side; and "
        "what it predicts."
    )
    if ten:
        _show_ten_crops(inference)


def _show_classes(predictions: tuple[Prediction, ...], key: str, words: str) -> None:
    labels, probabilities = [p.label for p in predictions], [p.probability for p in predictions]
    show_chart(plot_classes(labels, probabilities), key, f"{words} and their probabilities")


def _show_ten_crops(inference: Inference) -> None:
    """Where the ten crops lie, and the classes that are likeliest over all of them."""
    preprocessing = inference.model.source.preprocessing
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(
            encode_png(
                draw_crops(inference.picture.square, preprocessing.corners, preprocessing.crop)
            ),
            width=220,
            alt=f"The middle of {inference.name} with the frames of five crops",
        )
        with st.container(width=420), errors_shown():
            predictions = get_ten_crops(inference)
            _show_classes(predictions, "ten-crops", "The likeliest classes over ten crops")
    side, whole = preprocessing.crop, preprocessing.resize
    st.caption(
        f"The same over ten crops: five of {side} × {side} pixels from the middle {whole} × "
        f"{whole}, and their mirror images; the mean of their probabilities."
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
    "Through time": show_through_time,
    "Units": show_units,
}
