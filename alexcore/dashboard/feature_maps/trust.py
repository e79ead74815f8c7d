"""What tells a good heatmap from a bad one: pixels taken away in its order, and random layers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.reasons import Answers, Question, Reason, draw_heat
from alexcore.features.methods import METHODS, Method
from alexcore.figures.faithfulness import Panel, colour_methods, plot_faithfulness
from alexcore.figures.sprites import encode_png

if TYPE_CHECKING:
    from alexcore.features.focus import Mask


def show_faithfulness(question: Question, reasons: dict[Method, Reason], mask: Mask | None) -> None:
    """Deletion and insertion curves, their areas, and the share on the creature, as a table."""
    st.subheader("Do the marked pixels matter?")
    curves = {method: reason.curves for method, reason in reasons.items()}
    panels = (
        Panel("Deletion: the lower the better", "of the pixels grey, the hottest first",
              {method: (each.shares, each.deletion) for method, each in curves.items()}),
        Panel("Insertion: the higher the better", "of the pixels put in, the hottest first",
              {method: (each.shares, each.insertion) for method, each in curves.items()}),
    )  # fmt: skip
    show_chart(
        plot_faithfulness(panels, colour_methods(tuple(METHODS))),
        "faithfulness",
        f"The probability of {question.score} while pixels go and come in the order of heat",
    )
    st.caption(
        "If they do, the class goes when they go, and comes back with them. "
        f"The probability of {question.score} while the hottest pixels turn grey, and while they "
        "are put back into the blurred picture, in 30 steps (Petsiuk et al., 2018, RISE)."
    )
    table = pd.DataFrame(
        {
            "deletion area": [each.deletion_area for each in curves.values()],
            "insertion area": [each.insertion_area for each in curves.values()],
        },
        pd.Index([question.name(method) for method in curves], name="method"),
    )
    if mask is not None:
        from alexcore.features.focus import compute_share

        table["on the creature"] = [compute_share(r.heat, mask) for r in reasons.values()]
    number = st.column_config.NumberColumn(format="%.3f")
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        table,
        column_config={
            "deletion area": number,
            "insertion area": number,
            "on the creature": percent,
        },
        alt="Areas below the curves, and the share on the creature, by method",
        width="content",
    )
    name = f"{question.inference.name}-{question.score}".replace(" ", "-")
    with st.container(horizontal=True):
        st.download_button(
            "CSV of the table", table.to_csv(), f"{name}-methods.csv", "text/csv",
            on_click="ignore", type="tertiary", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "CSV of the curves", lambda: _write_curves(question, reasons), f"{name}-curves.csv",
            "text/csv", on_click="ignore", type="tertiary", icon=":material/download:",
        )  # fmt: skip
    if mask is not None:
        st.caption(f"The creature covers {mask.mean():.0%} of the picture: what chance would give.")


def _write_curves(question: Question, reasons: dict[Method, Reason]) -> str:
    rows = [
        f"{question.name(method)},{share:.4f},{gone:.6g},{come:.6g}"
        for method, reason in reasons.items()
        for share, gone, come in zip(
            reason.curves.shares, reason.curves.deletion, reason.curves.insertion, strict=True
        )
    ]
    return "\n".join(("method,share of the pixels,deletion,insertion", *rows, ""))


def show_cascades(question: Question, answers: Answers) -> None:
    """A row a method: the heatmap, and what becomes of it as ever more layers forget."""
    st.subheader("Does it depend on what was learnt?")
    st.caption(
        "From the left: the heatmap as it is, then with fc8 random, with fc7 random too, and so on "
        "(Adebayo et al., 2018). The number is the rank correlation with the first. What stays "
        "near 1 shows the picture's edges, whatever the net knows."
    )
    inference = question.inference
    lines = ["method,random down to,rank correlation"]
    for method, cascade in answers.cascades.items():
        st.markdown(f"**{question.name(method)}**")
        row = st.grid(columns=len(cascade) + 1, min_column_width=84)
        shown = [("as it is", answers.reasons[method].heat)]
        shown += [(f"{each.layer}: {each.correlation:.2f}", each.heat) for each in cascade]
        for caption, heat in shown:
            alt = f"{method} of {inference.name}, {caption}"
            row.image(draw_heat(inference, heat, 2), caption=caption, width="stretch", alt=alt)
        lines += [f"{question.name(method)},{e.layer},{e.correlation:.4f}" for e in cascade]
    name = f"{inference.name}-{question.score}".replace(" ", "-")
    with st.container(horizontal=True):
        st.download_button(
            "CSV of the correlations", "\n".join((*lines, "")), f"{name}-random-layers.csv",
            "text/csv", on_click="ignore", type="tertiary", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "PNG of the rows", lambda: _draw_rows(question, answers), f"{name}-random-layers.png",
            "image/png", on_click="ignore", type="tertiary", icon=":material/download:",
        )  # fmt: skip


def _draw_rows(question: Question, answers: Answers) -> bytes:
    """Return all rows as one picture, a method below the other."""
    rows = []
    for method, cascade in answers.cascades.items():
        heats = [answers.reasons[method].heat, *(each.heat for each in cascade)]
        files = [io.BytesIO(draw_heat(question.inference, heat)) for heat in heats]
        rows.append(np.concatenate([np.asarray(Image.open(file)) for file in files], axis=1))
    return encode_png(Image.fromarray(np.concatenate(rows)))
