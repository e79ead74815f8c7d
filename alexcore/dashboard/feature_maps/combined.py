"""Feature maps, all channels of a layer in one picture: sum, mean, maximum or components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import streamlit as st

from alexcore.dashboard import urls
from alexcore.features.channels import Combination, combine_channels, compute_components
from alexcore.figures.sprites import create_colours, create_heatmap, encode_png

if TYPE_CHECKING:
    from alexcore.inference.model import Inference

Way = Combination | Literal["components"]
_WAYS: dict[Way, str] = {
    "sum": "the sum over the channels, as the article shows it",
    "mean": "their mean",
    "maximum": "the strongest channel at each place",
    "components": "the first three principal components as red, green and blue",
}


@st.fragment
def show_combined(inference: Inference) -> None:
    """The article's three stages side by side, and all five convolutions in a row."""
    way = st.segmented_control(
        "All channels as", list(_WAYS), default="sum", required=True, key=urls.COMBINE,
        bind="query-params", wrap=True,
    )  # fmt: skip
    st.caption(f"Shown: {_WAYS[way]}.")
    st.markdown("**The article's three stages**")
    _show_row(inference, ("pool1", "pool2", "pool5"), way, 3)
    st.markdown("**All five convolutions**")
    _show_row(inference, tuple(f"relu{n}" for n in range(1, 6)), way, 5)


def _show_row(inference: Inference, labels: tuple[str, ...], way: Way, columns: int) -> None:
    row = st.grid(columns=columns, min_column_width=100)
    for label in labels:
        maps = inference.find(label)
        if way == "components":
            png = encode_png(create_colours(compute_components(maps), 390))
        else:
            png = encode_png(create_heatmap(combine_channels(maps, way), 390))
        with row.cell():
            st.image(
                png,
                caption=f"{label}: {maps.shape[0]} channels of {maps.shape[1]} × {maps.shape[2]}",
                width="stretch",
                alt=f"All channels of {label} in one picture: {way}",
            )
            st.download_button(
                "PNG", png, f"{inference.name}-{label}-{way}.png", "image/png", on_click="ignore",
                key=f"take-{label}-{way}", type="tertiary", icon=":material/download:",
            )  # fmt: skip
