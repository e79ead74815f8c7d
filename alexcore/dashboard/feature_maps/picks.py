"""What several views of Feature maps ask for, each in the URL: a layer, a channel, a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from alexcore.dashboard import urls

if TYPE_CHECKING:
    from alexcore.inference.model import Inference

TILES = "Or click a tile, or walk the tiles with the arrow keys."


def pick_layer(place: DeltaGenerator, labels: Sequence[str]) -> str:
    """Let people choose a layer by the paper's name, relu1 at first."""
    return str(
        place.selectbox(
            "Layer", labels, labels.index("relu1"), key=urls.LAYER, bind="query-params",
            format_func=str,
        )
    )  # fmt: skip


def pick_channel(
    place: DeltaGenerator,
    count: int,
    what: str = "Channel",
    default: int = 0,
    tip: str | None = None,
) -> int:
    """Let people choose a channel or unit, which tiles and walks change too.

    Args:
        place: Where it stands.
        count: Of channels; one of a layer that had more gives way to the default.
        what: They are called.
        default: The first choice.
        tip: What else chooses one.
    """
    if st.session_state.get(urls.CHANNEL, 0) >= count:
        st.session_state[urls.CHANNEL] = default
    return int(
        place.number_input(
            what, 0, count - 1, default, key=urls.CHANNEL, bind="query-params", help=tip
        )
    )


def pick_class(inference: Inference) -> int:
    """Let people choose the class that is asked about; the likeliest at first."""
    classes = inference.model.classes
    likeliest = classes.index(inference.predictions[0].label)
    chosen = st.selectbox("Class", classes, likeliest, key=urls.CLASS, bind="query-params")
    return classes.index(chosen)


def list_map_labels(inference: Inference) -> list[str]:
    """Return the paper names of the layers that give maps."""
    layers = inference.model.layers
    return [label for label, node in layers.items() if inference.activations[node].ndim == 3]
