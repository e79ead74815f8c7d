"""Feature maps, one channel: large, over the picture, its values, its kernel, its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.components.tiles import Tiles, show_tiles
from alexcore.dashboard.feature_maps.arithmetic import show_arithmetic
from alexcore.dashboard.feature_maps.top_images import show_top_images
from alexcore.dashboard.feature_maps.units import describe_unit
from alexcore.dashboard.feature_maps.walk import choose_cell, get_cell
from alexcore.features.channels import Order
from alexcore.figures.bars import plot_histogram
from alexcore.figures.palette import get_model_colour
from alexcore.figures.sprites import (
    Grid,
    create_heatmap,
    create_overlay,
    encode_png,
)

if TYPE_CHECKING:
    from alexcore.inference.model import Inference, LoadedModel
    from alexcore.inspection.receptive_field import ReceptiveField


@dataclass(frozen=True, slots=True)
class Look:
    """How the grid is drawn."""

    node: str
    label: str
    scaling: str
    order: Order
    gamma: float


def show_channel(inference: Inference, channel: int, look: Look) -> None:
    """One channel: large, over the picture with the field of one cell, its values, its pictures."""
    from alexcore.features.windows import Place

    maps = inference.activations[look.node]
    values, source = maps[channel], inference.model.source
    field = inference.model.receptive_fields[look.node]
    signed = bool(maps.min() < 0)
    height, width = values.shape
    row, column = get_cell(look.label, int(values.argmax()), (height, width))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = describe_unit(source, look.label, channel)
        st.subheader(f"{look.label}, channel {channel}{name}", width="content")
        if st.button(
            "What if it were gone?", icon=":material/content_cut:", type="tertiary",
            on_click=_ask_what_if, args=(channel,),
        ):  # fmt: skip
            st.rerun(scope="app")
    places = st.grid(columns=3, min_column_width=260)
    with places.cell():
        zoom = max(1, 420 // height)
        grid = Grid(width, height, zoom, 0)
        png = encode_png(create_heatmap(values, zoom * height, signed, look.gamma))
        show_tiles(
            Tiles(png, grid, values.size, f"Channel {channel} of {look.label}, enlarged."),
            row * width + column,
            lambda at: choose_cell(look.label, *divmod(at, width)),
            key="cells",
        )
        st.caption(f"Cell ({row}, {column}) is {values[row, column]:.3f}; click another")
    with places.cell():
        field_png = _draw_field(inference.picture.pixels, values, signed, field, (row, column))
        st.image(
            field_png,
            width="stretch",
            alt=f"Channel {channel} over {inference.name}, with the receptive field of the cell",
        )
        seen = f"{field.field} × {field.field} pixels" if field else "the whole picture"
        st.caption(f"Over the picture; the frame is what the cell sees, {seen}")
        st.download_button(
            "PNG",
            field_png,
            f"{inference.name}-{look.label}-{channel}.png",
            "image/png",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )
    with places.cell():
        counts, edges = np.histogram(values, 40)
        show_chart(
            plot_histogram(counts, edges, get_model_colour(source.spec.name), "activation"),
            "channel-histogram",
            f"Histogram of channel {channel}",
        )
        st.caption(
            f"mean {values.mean():.3f}, maximum {values.max():.3f}, minimum {values.min():.3f}, "
            f"{(values <= 0).mean():.0%} of the cells at or below 0"
        )
        if look.label in ("conv1", "relu1", "norm1", "pool1"):
            _show_kernel(channel, inference.model)
    show_arithmetic(inference, Place(look.node, channel, row, column))
    show_top_images(inference.model, look.node, channel)


def _ask_what_if(channel: int) -> None:
    st.session_state[urls.FEATURE_VIEW] = "What if"
    st.session_state[urls.WHAT] = "a channel"
    st.session_state[urls.CHANGED] = [channel]


def _draw_field(
    pixels: npt.NDArray[np.uint8],
    values: npt.NDArray[np.float32],
    signed: bool,
    field: ReceptiveField | None,
    cell: tuple[int, int],
) -> bytes:
    from PIL import ImageDraw

    overlay = create_overlay(pixels, values, signed)
    if field is not None:
        left, top, right, bottom = field.box(*cell, pixels.shape[0])
        pen = ImageDraw.Draw(overlay)
        pen.rectangle((left, top, right - 1, bottom - 1), outline="#ffffff", width=3)
        pen.rectangle((left + 1, top + 1, right - 2, bottom - 2), outline="#0072b2", width=1)
    return encode_png(overlay)


def _show_kernel(channel: int, model: LoadedModel) -> None:
    from alexcore.figures.kernels import create_kernel_wall

    weights = model.module.get_parameter(f"{model.nodes['conv1']}.weight").detach().cpu().numpy()
    st.image(
        encode_png(create_kernel_wall(weights[channel : channel + 1], zoom=12)),
        caption="Its kernel in conv1",
        width=140,
        alt=f"The kernel of channel {channel} as a colour picture",
    )
