"""Feature maps, why the net predicts what it does: which pixels raise or lower a class's score."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import offer_to_go_on
from alexcore.dashboard.feature_maps.on_creature import find_creature_mask, show_on_creature
from alexcore.dashboard.feature_maps.picks import pick_class
from alexcore.dashboard.feature_maps.reasons import Answers, Question, draw_heat
from alexcore.dashboard.feature_maps.trust import show_cascades, show_faithfulness
from alexcore.dashboard.feature_maps.worth import show_worth
from alexcore.features.methods import LAYERED, METHODS, UNSIGNED, Method

if TYPE_CHECKING:
    from alexcore.features.focus import Mask
    from alexcore.inference.model import Inference

_NOTHING = "nothing"
_FIRST: list[Method] = ["Grad-CAM"]


def show_why(inference: Inference) -> None:
    """Classes, methods and layer in the URL; red raises the class's score, blue lowers it.

    No fragment: its long work has a Stop, which a fragment cannot have.
    """
    methods, question = _ask(inference)
    random_top = st.toggle(
        "With random top layers", key=urls.RANDOM_TOP, bind="query-params",
        help="Makes fc8 random, then fc7 too, and so on down to conv1, in a copy of the net. A "
        "heatmap that stays as it is does not show what the net has learnt (Adebayo et al., 2018).",
    )  # fmt: skip
    answers = question.answer(methods, random_top)
    mask = find_creature_mask(inference)
    _show_maps(question, methods, answers, mask)
    if answers.missing:
        offer_to_go_on(f"Stopped; {answers.missing} of the answers are missing.")
    if answers.reasons:
        show_faithfulness(question, answers.reasons, mask)
    if answers.cascades:
        show_cascades(question, answers)
    show_on_creature(inference.model, methods)
    show_worth()


def _ask(inference: Inference) -> tuple[list[Method], Question]:
    """Return the methods in the order of ``METHODS``, and what they are asked."""
    classes = inference.model.classes
    row = st.grid(columns=3, min_column_width=170)
    with row.container():
        target = pick_class(inference)
    other = row.selectbox(
        "Compared with", [_NOTHING, *classes], key=urls.AGAINST, bind="query-params",
        help="Of one class the logit is explained, or the difference of two classes' logits.",
    )  # fmt: skip
    layers = [
        label
        for label, node in inference.model.nodes.items()
        if label.startswith("relu") and inference.activations[node].ndim == 3
    ]
    layer = row.selectbox(
        "Layer", layers, len(layers) - 1, key=urls.CAM_LAYER, bind="query-params",
        help=f"The convolution, behind its ReLU, that {', '.join(LAYERED)} read.",
    )  # fmt: skip
    chosen = st.segmented_control(
        "Methods", list(METHODS), selection_mode="multi", default=_FIRST, key=urls.METHOD,
        bind="query-params", wrap=True,
    )  # fmt: skip
    against = None if other in (_NOTHING, classes[target]) else classes.index(other)
    methods = [method for method in METHODS if method in chosen]
    return methods, Question(inference, target, against, layer)


def _show_maps(
    question: Question, methods: list[Method], answers: Answers, mask: Mask | None
) -> None:
    """A heatmap a method, side by side, each with its files."""
    legend = f"Red raises the score of {question.score}"
    if {*methods} - {*UNSIGNED}:
        legend += ", blue lowers it"
    st.caption(f"{legend}." if methods else "Choose a method, or several.")
    grid = st.grid(columns=min(4, max(2, len(methods))), min_column_width=220)
    for method in methods:
        with grid.container():
            if reason := question.explain_misfit(method):
                st.caption(f"**{method}**: {reason}")
            elif method in answers.reasons:
                _show_map(question, method, answers, mask)


def _show_map(question: Question, method: Method, answers: Answers, mask: Mask | None) -> None:
    from alexcore.features.focus import compute_share

    inference, heat = question.inference, answers.reasons[method].heat
    png = draw_heat(inference, heat)
    alt = f"Which parts of {inference.name} raise the score of {question.score}, by {method}"
    st.image(png, width="stretch", alt=alt)
    share = "" if mask is None else f" {compute_share(heat, mask):.0%} of it on the creature."
    st.caption(f"**{question.name(method)}**: {METHODS[method]}.{share}")
    name = f"{inference.name}-{question.score}-{question.name(method)}".replace(" ", "-")
    with st.container(horizontal=True):
        st.download_button(
            "PNG", png, f"{name}.png", "image/png", on_click="ignore", key=f"png {method}",
            type="tertiary", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "CSV", lambda: _write_csv(heat), f"{name}.csv", "text/csv", on_click="ignore",
            key=f"csv {method}", type="tertiary", icon=":material/download:",
        )  # fmt: skip


def _write_csv(heat: np.ndarray) -> str:
    """Return a heatmap, a line a row of pixels."""
    file = io.StringIO()
    np.savetxt(file, heat, "%.4g", ",")
    return file.getvalue()
