"""Feature maps, one layer: every channel as a tile, in the order and on the scale one likes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.tiles import Tiles, show_tiles
from alexcore.dashboard.feature_maps.arithmetic import show_arithmetic
from alexcore.dashboard.feature_maps.channel import Look, show_channel
from alexcore.dashboard.feature_maps.looks import get_limits
from alexcore.dashboard.feature_maps.picks import TILES, pick_channel, pick_layer
from alexcore.dashboard.feature_maps.top_images import get_top_images
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.features.channels import ORDERS, find_silent, order_channels
from alexcore.figures.sprites import (
    ColourScale,
    Grid,
    Scaling,
    create_sprite,
    encode_png,
    plan_grid,
)

if TYPE_CHECKING:
    from alexcore.inference.model import Inference, LoadedModel
    from alexcore.sources import ModelSource

_PER_PAGE = 128
_FIXED = "fixed range"
_SCALES: dict[str, Scaling] = {"per channel": "unit", "per layer": "layer", _FIXED: "layer"}
_STAGES = {"stage 1": "pool1", "stage 2": "pool2", "stage 3": "pool5"}


@st.fragment
@errors_shown()
def show_grid(inference: Inference) -> None:
    """The whole panel; its controls redraw it alone."""
    look = _show_controls(inference.model)
    values = inference.activations[look.node]
    if values.ndim == 1:
        from alexcore.features.windows import Place

        unit = _show_strip(values, look, inference.name)
        show_arithmetic(inference, Place(look.node, unit))
        return
    channel = _show_channels(values, look, inference)
    show_channel(inference, channel, look)


def _show_controls(model: LoadedModel) -> Look:
    """Layer, stage shortcuts, scaling, order and gamma, all in the URL."""
    nodes = model.layers

    def choose_stage() -> None:
        stage = st.session_state.get("stage")
        if stage:
            st.session_state[urls.LAYER] = _STAGES[stage]

    row = st.grid(columns=4, min_column_width=150)
    label = pick_layer(row, list(nodes))
    scaling = row.selectbox(
        "Scale", list(_SCALES), key=urls.SCALE, bind="query-params",
        help="Each channel by its own range, all by the layer's, or by the layer's range over "
        "all sample pictures.",
    )  # fmt: skip
    order = row.selectbox("Order", ORDERS, key=urls.ORDER, bind="query-params")
    gamma = row.slider("Gamma", 0.2, 1.0, 0.7, 0.1, key=urls.GAMMA, bind="query-params")
    st.pills(
        "The article's stages",
        list(_STAGES),
        key="stage",
        on_change=choose_stage,
        label_visibility="collapsed",
    )
    return Look(nodes[label], label, scaling, order, gamma)


def _show_strip(values: npt.NDArray[np.float32], look: Look, name: str) -> int:
    """A fully connected layer, every unit as one cell; returns the chosen unit."""
    columns = min(128, math.ceil(math.sqrt(len(values) * 4)))
    grid = Grid(columns, math.ceil(len(values) / columns), 9, 1)
    scale = ColourScale(bool(values.min() < 0), "layer", look.gamma)
    png = encode_png(create_sprite(values[:, None, None], grid, scale))
    above = st.container()
    unit = pick_channel(st.container(), len(values), "Unit", int(values.argmax()), TILES)
    with above:
        show_tiles(
            Tiles(png, grid, len(values), f"All {len(values)} units of {look.label} for {name}."),
            unit,
            lambda at: st.session_state.update({urls.CHANNEL: at}),
            key="units",
        )
        st.caption(
            f"{look.label} ({look.node}): {len(values):,} units, {int((values > 0).sum()):,} "
            f"above 0; unit {unit} is {values[unit]:.3f}, click another"
        )
    return unit


def _show_channels(maps: npt.NDArray[np.float32], look: Look, inference: Inference) -> int:
    """The sprite and its downloads; returns the chosen channel."""
    source = inference.model.source
    ordered = order_channels(maps, look.order)
    pages = math.ceil(len(maps) / _PER_PAGE)
    silent = find_silent(maps)
    signed = bool(maps.min() < 0)
    count, side = int(silent.sum()), maps.shape[1]
    st.markdown(
        f"**{look.label}** (`{look.node}`): {len(maps)} channels of {side} × {side}, "
        + (f"{count} never above 0" if signed else f"{count} silent here, painted grey")
        + _count_dead(source, look.node)
    )
    page = st.pagination(pages, key=urls.PAGE, bind="query-params") if pages > 1 else 1
    first = (min(page, pages) - 1) * _PER_PAGE
    shown = ordered[first : first + _PER_PAGE]
    grid = plan_grid(len(shown), side)
    limits = get_limits(source)[look.node] if look.scaling == _FIXED else None
    sprite = _draw(maps, shown, look, limits)
    above = st.container()  # a link's channel is known once its widget has run
    chosen = pick_channel(st.container(), len(maps), tip=TILES)
    place = np.flatnonzero(shown == chosen)
    alt = f"All {len(maps)} channels of {look.label} for {inference.name}."
    with above:
        show_tiles(
            Tiles(sprite, grid, len(shown), alt),
            int(place[0]) if len(place) else None,
            lambda at: st.session_state.update({urls.CHANNEL: int(shown[at])}),
            key="tiles",
        )
        _show_downloads(lambda: _draw(maps, ordered, look, limits), look.label, inference)
    return chosen


def _count_dead(source: ModelSource, node: str) -> str:
    """Say how many channels no training picture drives, once the pictures have been looked at."""
    found = get_top_images(source)
    if found is None or node not in found.values:
        return ""
    dead = int((found.values[node][:, 0] <= 0).sum())
    return f"; {dead} dead, silent for all {len(found.paths)} pictures of the demo set"


def _draw(
    maps: npt.NDArray[np.float32],
    channels: npt.NDArray[np.int64],
    look: Look,
    limits: tuple[float, float] | None,
) -> bytes:
    """Return some channels as the look asks, for the page and for the download alike."""
    signed = bool(maps.min() < 0)
    scale = ColourScale(signed, _SCALES[look.scaling], look.gamma, limits)
    silent = None if signed else find_silent(maps)[channels]
    grid = plan_grid(len(channels), maps.shape[1])
    return encode_png(create_sprite(maps[channels], grid, scale, silent))


def _show_downloads(draw: Callable[[], bytes], layer: str, inference: Inference) -> None:
    from alexcore.reports.bundle import write_activations, write_bundle

    name = f"{inference.name}-{inference.model.source.name}"
    row = st.container(horizontal=True)
    for title, write, file in (
        ("This grid, PNG", draw, f"{name}-{layer}.png"),
        ("All values, NPZ", lambda: write_activations(inference), f"{name}.npz"),
        ("Everything, ZIP", lambda: write_bundle(inference), f"{name}.zip"),
    ):
        row.download_button(
            title, write, file, on_click="ignore", icon=":material/download:", key=f"take-{title}"
        )
