"""Feature maps side by side: two models on one picture, or two pictures on one model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard.caching import get_model, get_runs, get_seen
from alexcore.dashboard.feature_maps.top_images import get_strongest, request_strongest
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.session import (
    ImageChoice,
    ModelChoice,
    get_uploads,
    list_model_choices,
    list_samples,
    load_image_choice,
)
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.figures.sprites import Grid, create_sprite, encode_png, plan_grid

_LAYERS = [f"{kind}{n}" for n in range(1, 6) for kind in ("conv", "relu")]


@st.fragment
def show_beside(choice: ModelChoice, image: ImageChoice) -> None:
    """Linked layer and scale; for two models also their channels matched by correlation."""
    choices = list_model_choices(get_runs()[0])
    pictures = [*get_uploads(), *list_samples()]
    row = st.grid(columns=4, min_column_width=150)
    label = row.selectbox("Layer", _LAYERS, 1, key="blayer", bind="query-params")
    others = list(choices)
    start = next((i for i, name in enumerate(others) if name != choice.name), 0)
    other = choices[row.selectbox("Other model", others, start, key="bmodel", bind="query-params")]
    name = row.selectbox(
        "Other image", pictures, pictures.index(image.name), key="bimage", bind="query-params"
    )
    scale = row.selectbox("Scale", ["unit", "both"], key="bscale", bind="query-params",
                          help="Each channel by its own range, or both sides by one range.",
    )  # fmt: skip
    other_image = load_image_choice(name)
    with errors_shown():
        sides = [(choice, image), (other, other_image)]
        maps = [_get_maps(model, picture, label) for model, picture in sides]
        limits = None
        if scale == "both":
            limits = (float(min(m.min() for m in maps)), float(max(m.max() for m in maps)))
        for side, place in enumerate(st.columns(2)):
            (model, picture), values = sides[side], maps[side]
            png = _draw(values, limits)
            place.image(
                png,
                caption=f"{model.name} on {picture.name}, {label}: {len(values)} channels",
                width="stretch",
                alt=f"{label} of {model.name} for {picture.name}",
            )
            place.download_button(
                "PNG",
                png,
                f"{picture.name}-{model.name}-{label}.png",
                "image/png",
                on_click="ignore",
                key=f"take-side-{side}",
                type="tertiary",
                icon=":material/download:",
            )
        if other.name != choice.name:
            _show_matching(choice, other, image, label)


def _get_maps(choice: ModelChoice, image: ImageChoice, label: str) -> npt.NDArray[np.float32]:
    return get_seen(choice, image).activations[get_model(choice).nodes[label]]


def _draw(
    maps: npt.NDArray[np.float32], limits: tuple[float, float] | None, width: int = 900
) -> bytes:
    signed = bool(maps.min() < 0)
    grid = plan_grid(len(maps), maps.shape[1], width)
    return encode_png(create_sprite(maps, grid, "unit", signed, 0.7, limits))


def _show_matching(left: ModelChoice, right: ModelChoice, image: ImageChoice, label: str) -> None:
    """Pairs of channels that answer to the same pictures, with their correlation."""
    from alexcore.features.matching import match_channels

    st.subheader("Channels that answer to the same pictures")
    st.caption(
        "Channel 7 of one net has nothing to do with channel 7 of another. Matched one to one by "
        "the correlation of their means over the demo set's training pictures."
    )
    found = [get_strongest(model) for model in (left, right)]
    nodes = [get_model(model).nodes[label] for model in (left, right)]
    missing = [
        model
        for model, side, node in zip((left, right), found, nodes, strict=True)
        if side is None or node not in side.means
    ]
    if missing:
        if ask_to_write("Match the channels", ":material/compare_arrows:"):
            request_strongest(*missing)
        return
    means = [side.means[node] for side, node in zip(found, nodes, strict=True) if side is not None]
    matching = match_channels(means[0], means[1])
    count = min(24, len(matching.left))
    st.markdown(
        f"{len(matching.left)} pairs, median correlation {np.median(matching.correlations):.2f}; "
        f"the {count} best:"
    )
    maps = [_get_maps(model, image, label) for model in (left, right)]
    row = st.grid(columns=8, min_column_width=100)
    for a, b, correlation in list(
        zip(matching.left, matching.right, matching.correlations, strict=True)
    )[:count]:
        pair = encode_png(_join(maps[0][a], maps[1][b]))
        row.image(
            pair,
            caption=f"{a} ~ {b}: {correlation:.2f}",
            width="stretch",
            alt=f"Channel {a} of {left.name} beside channel {b} of {right.name}",
        )


def _join(left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]) -> Image.Image:
    """Two maps in one sprite, each over its own range, the smaller enlarged to the larger."""
    side = max(left.shape[0], right.shape[0])
    places = [np.arange(side) * len(values) // side for values in (left, right)]
    maps = [values[np.ix_(at, at)] for values, at in zip((left, right), places, strict=True)]
    grid = Grid(2, 1, side * max(1, 110 // side), 4)
    return create_sprite(np.stack(maps), grid, signed=bool(left.min() < 0), gamma=0.7)
