"""What each channel of each layer sees in the picture."""

import streamlit as st

from alexcore.dashboard.caching import get_picture, get_seen
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.attribution import show_why
from alexcore.dashboard.feature_maps.beside import show_beside
from alexcore.dashboard.feature_maps.combined import show_combined
from alexcore.dashboard.feature_maps.grid import show_grid
from alexcore.dashboard.feature_maps.top_images import find_requested
from alexcore.dashboard.session import get_image_choice, get_model_choice
from alexcore.dashboard.warm_up import skeleton_while_cold
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.figures.bars import plot_classes


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    choice, image = get_model_choice(), get_image_choice()

    with errors_shown():
        find_requested()
    with errors_shown():
        with skeleton_while_cold():
            seen, picture = get_seen(choice, image), get_picture(image, choice.preset)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.image(
                picture.pixels,
                width=170,
                alt=f"The centre of {image.name}, as the net receives it",
            )
            with st.container(width=420):
                show_chart(
                    plot_classes(
                        [p.label for p in seen.predictions],
                        [p.probability for p in seen.predictions],
                    ),
                    "classes",
                    "The likeliest classes and their probabilities",
                )
        width, height = picture.size
        st.caption(
            f"What {choice.name} receives of {image.name} ({width} × {height}): the middle "
            f"{choice.preset.crop} × {choice.preset.crop} pixels of it at {choice.preset.resize} "
            "on the shorter side; and what it decides."
        )
        view = st.segmented_control(
            "View",
            ["Grid", "All in one", "Side by side", "Why"],
            default="Grid",
            required=True,
            key="fview",
            bind="query-params",
            label_visibility="collapsed",
            wrap=True,
        )
        if view == "All in one":
            show_combined(choice, image)
        elif view == "Side by side":
            show_beside(choice, image)
        elif view == "Why":
            show_why(choice, image)
        else:
            show_grid(choice, image)
