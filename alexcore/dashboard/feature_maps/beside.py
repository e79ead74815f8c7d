"""Feature maps side by side: two models on one picture, or two pictures on one model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference, get_runs
from alexcore.dashboard.feature_maps.layers_alike import show_layers_alike
from alexcore.dashboard.feature_maps.top_images import get_top_images, request_top_images
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.session import (
    get_image,
    get_images,
    list_model_sources,
)
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.dashboard.widgets.weights import offer_weights
from alexcore.figures.sprites import (
    ColourScale,
    Grid,
    Scaling,
    create_sprite,
    encode_png,
    plan_grid,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from alexcore.inference.model import Inference

_BOTH = "both by one range"
_SAME = "the same"


@st.fragment
def show_beside(inference: Inference) -> None:
    """Linked layer and scale; for two models also which layers and channels are alike."""
    source = inference.model.source
    sources = list_model_sources(get_runs()[0])
    pictures = get_images() | {inference.name: get_image()}  # with the background chosen for it
    row = st.grid(columns=5, min_column_width=150)
    places = row.cell(), row.cell()  # what is there to choose is known once both nets are
    others = list(sources)
    start = next((i for i, name in enumerate(others) if name != source.name), 0)
    other = sources[
        row.selectbox("Other model", others, start, key=urls.OTHER_MODEL, bind="query-params")
    ]
    name = row.selectbox(
        "Other image",
        list(pictures),
        list(pictures).index(inference.name),
        key=urls.OTHER_IMAGE,
        bind="query-params",
    )
    scale = row.selectbox(
        "Scale", ["per channel", _BOTH], key=urls.OTHER_SCALE, bind="query-params",
        help="Each channel by its own range, or both sides by one range.",
    )  # fmt: skip
    with errors_shown():
        if not offer_weights(other):
            return
        sides = [inference, get_inference(other, pictures[name])]
        labels = _pick_layers(places, sides)
        if other.name != source.name:
            show_layers_alike(source, other, labels)
        limits = None
        if scale == _BOTH:
            maps = [side.find(label) for side, label in zip(sides, labels, strict=True)]
            limits = (float(min(m.min() for m in maps)), float(max(m.max() for m in maps)))
        for number, place in enumerate(st.columns(2)):
            with place:
                _show_side(sides[number], labels[number], limits, f"side-{number}")
        if other.name != source.name:
            _show_matching(sides[0], get_inference(other, pictures[inference.name]), labels)


def _pick_layers(places: Sequence[DeltaGenerator], sides: Sequence[Inference]) -> tuple[str, str]:
    """Return a layer of each side; the other's is of the same name until it is chosen."""
    ours, theirs = (list(side.model.layers) for side in sides)
    label = places[0].selectbox(
        "Layer", ours, ours.index("relu1"), key=urls.OTHER_LAYER, bind="query-params",
        format_func=str,
    )  # fmt: skip
    there = places[1].selectbox(
        "Other layer", [_SAME, *theirs], key=urls.LAYER_THERE, bind="query-params", format_func=str
    )
    return label, label if there == _SAME else there


def _show_side(
    inference: Inference, label: str, limits: tuple[float, float] | None, key: str
) -> None:
    maps, model = inference.find(label), inference.model.source.name
    png = _draw(maps, limits)
    st.image(
        png,
        caption=f"{model} on {inference.name}, {label}: {len(maps):,} "
        + ("channels" if maps.ndim == 3 else "units"),
        width="stretch",
        alt=f"{label} of {model} for {inference.name}",
    )
    name = f"{inference.name}-{model}-{label}"
    st.download_button("PNG", png, f"{name}.png", "image/png", on_click="ignore",
                       key=key, type="tertiary", icon=":material/download:")  # fmt: skip


def _draw(
    maps: npt.NDArray[np.float32], limits: tuple[float, float] | None, width: int = 900
) -> bytes:
    low = maps.min() if limits is None else limits[0]
    scaling: Scaling = "unit" if maps.ndim == 3 else "layer"
    maps = maps.reshape(len(maps), *(maps.shape[1:] or (1, 1)))  # (C, H, W), of units (D, 1, 1)
    grid = plan_grid(len(maps), maps.shape[1], width)
    scale = ColourScale(bool(low < 0), scaling, gamma=0.7, limits=limits)
    return encode_png(create_sprite(maps, grid, scale))


def _show_matching(left: Inference, right: Inference, labels: tuple[str, str]) -> None:
    """Pairs of channels that answer to the same pictures, with their correlation."""
    from alexcore.features.matching import match_channels

    maps = [side.find(label) for side, label in zip((left, right), labels, strict=True)]
    if any(values.ndim == 1 for values in maps):
        return
    st.subheader("Channels that answer to the same pictures")
    st.caption(
        "Channel 7 of one net has nothing to do with channel 7 of another. Matched one to one by "
        "the correlation of their means over the demo set's training pictures."
    )
    models = (left.model, right.model)
    found = [get_top_images(model.source) for model in models]
    nodes = [model.find_node(label) for model, label in zip(models, labels, strict=True)]
    missing = [
        model.source
        for model, side, node in zip(models, found, nodes, strict=True)
        if side is None or node not in side.means
    ]
    if missing:
        if ask_to_write("Match the channels", ":material/compare_arrows:"):
            request_top_images(*missing)
        return
    means = [side.means[node] for side, node in zip(found, nodes, strict=True) if side is not None]
    matching = match_channels(means[0], means[1])
    count = min(24, len(matching.left))
    st.markdown(
        f"{len(matching.left)} pairs, median correlation {np.median(matching.correlations):.2f}; "
        f"the {count} best:"
    )
    signed = any(bool(values.min() < 0) for values in maps)
    row = st.grid(columns=8, min_column_width=100)
    for a, b, correlation in list(
        zip(matching.left, matching.right, matching.correlations, strict=True)
    )[:count]:
        pair = encode_png(_join(maps[0][a], maps[1][b], signed))
        row.image(
            pair,
            caption=f"{a} ~ {b}: {correlation:.2f}",
            width="stretch",
            alt=f"Channel {a} of {models[0].source.name} beside channel {b} of "
            f"{models[1].source.name}",
        )


def _join(
    left: npt.NDArray[np.float32], right: npt.NDArray[np.float32], signed: bool
) -> Image.Image:
    """Two maps in one sprite, each over its own range, the smaller enlarged to the larger."""
    side = max(left.shape[0], right.shape[0])
    places = [np.arange(side) * len(values) // side for values in (left, right)]
    maps = [values[np.ix_(at, at)] for values, at in zip((left, right), places, strict=True)]
    grid = Grid(2, 1, side * max(1, 110 // side), 4)
    return create_sprite(np.stack(maps), grid, ColourScale(signed, gamma=0.7))
