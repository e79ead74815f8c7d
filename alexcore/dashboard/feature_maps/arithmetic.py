"""Feature maps, one cell: what it saw, times its weights, and where each part of it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.walk import show_walk, step
from alexcore.figures.arithmetic import draw_pixels, plot_terms, plot_window
from alexcore.figures.kernels import create_kernel_wall
from alexcore.figures.sprites import encode_png

if TYPE_CHECKING:
    from alexcore.features.arithmetic import Arithmetic
    from alexcore.features.windows import Place
    from alexcore.inference.model import Inference

_COLOURS = ["red", "green", "blue"]
_SHOWN = 24


def show_arithmetic(inference: Inference, place: Place) -> None:
    """How a cell's number comes about, opened by one click; each part of it is one click away."""
    if not st.toggle(
        "Show the arithmetic", key=urls.ARITHMETIC, bind="query-params",
        help="How the chosen cell's number comes about: what it read, times its weights, summed. "
        "Click what it read to go on from there, from a class back to the pixels.",
    ):  # fmt: skip
        return
    from alexcore.features.arithmetic import explain_activation
    from alexcore.features.formula import describe_arithmetic, write_products

    found = explain_activation(inference, place)
    show_walk(inference, place)
    st.markdown(describe_arithmetic(inference, found))
    if found.then == () and place.node == list(inference.model.names)[-1]:
        share = np.exp(inference.logits - inference.logits.max())
        share = share[place.channel] / share.sum()
        st.caption(f"The softmax over all {len(inference.logits)} classes makes it {share:.2%}.")
    _show_window(inference, place, found)
    _show_terms(inference, place, found)
    strongest = found.find_source(int(found.rank(1)[0]))
    with st.container(horizontal=True):
        if strongest:
            _offer_strongest(inference, place, strongest)
        label = inference.model.names[place.node]
        st.download_button(
            "CSV", lambda: write_products(found),
            f"{inference.name}-{label}-{place.channel}-{place.row}-{place.column}.csv", "text/csv",
            on_click="ignore", icon=":material/download:", key="take-arithmetic",
        )  # fmt: skip


def _offer_strongest(inference: Inference, place: Place, strongest: Place) -> None:
    from alexcore.features.formula import name_place

    st.button(
        f"Follow the strongest: {name_place(inference, strongest)}",
        icon=":material/south_west:", on_click=step, args=(inference.model, place, strongest),
    )  # fmt: skip


def _show_window(inference: Inference, place: Place, found: Arithmetic) -> None:
    """The numbers that were read, those of the strongest channel alone where there are many."""
    window = found.window
    if window.inside.size == 1:
        return
    if window.node:
        shown = found.rank(1)
        names = [f"{inference.model.names[window.node]} {window.channels[shown[0]]}"]
    else:
        shown, names = np.arange(3), _COLOURS
        _show_pixels(inference, found)
    values = np.where(window.inside, window.values[shown], np.nan)
    panels = {"input": values}
    if found.kind == "weighted sum":
        panels |= {"× weight": found.weights[shown], "= product": found.products[shown]}
    best = divmod(int(found.weights[0].argmax()), len(window.columns))

    def follow(click: dict[str, Any]) -> None:
        row, column = click["point"]
        if window.inside[row, column]:
            term = int(shown[click["curve"] % len(shown)])
            step(inference.model, place, found.locate(term, row, column))

    show_chart(
        plot_window(panels, names, (window.rows, window.columns),
                    best if found.kind == "maximum" else None),
        "arithmetic-window",
        "The numbers that the cell read, its weights and their products",
        follow if window.node else None,
    )  # fmt: skip


def _show_pixels(inference: Inference, found: Arithmetic) -> None:
    """The window and the kernel as small pictures."""
    window = found.window
    height, width = window.inside.shape
    with st.container(horizontal=True):
        st.image(
            encode_png(draw_pixels(inference.picture.pixels, window.rows, window.columns)),
            caption=f"The {height} × {width} pixels it read", width=160,
            alt=f"The part of {inference.name} that the cell reads",
        )  # fmt: skip
        st.image(
            encode_png(create_kernel_wall(found.weights[None].astype(np.float32), zoom=14)),
            caption="Its kernel", width=160, alt="The kernel as a colour picture",
        )  # fmt: skip


def _show_terms(inference: Inference, place: Place, found: Arithmetic) -> None:
    """What each channel gave, as bars that lead to it."""
    terms, window, model = found.terms, found.window, inference.model
    if found.kind not in ("weighted sum", "normalisation") or len(terms) == 1:
        return
    order = found.rank(_SHOWN)
    order = order[np.argsort(-terms[order], kind="stable")]
    if window.node:
        many = inference.activations[window.node].ndim == 3
        what = f"{'channel' if many else 'unit'} of {model.names[window.node]}"
        names = [str(n) for n in window.channels[order]]
    else:
        what, names = "colour of the picture", [_COLOURS[n] for n in order]
    rest = {"bias" if found.kind == "weighted sum" else "constant": found.bias}
    if len(order) < len(terms):
        rest[f"{len(terms) - len(order):,} others"] = float(terms.sum() - terms[order].sum())

    def follow(click: dict[str, Any]) -> None:
        at = int(click["point"])
        source = found.find_source(int(order[at])) if at < len(order) else None
        if source:
            step(model, place, source)

    show_chart(
        plot_terms(names, terms[order].tolist(), rest, what),
        "arithmetic-terms",
        f"What each {what} gives to the sum",
        follow if window.node else None,
    )
    if window.node:
        st.caption(
            "Red adds to the sum, blue takes from it. Click a bar for the cell that gave most of it"
            + (", or a number above for that one." if window.inside.size > 1 else ".")
        )
