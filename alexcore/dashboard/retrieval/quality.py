"""How good the gallery's answers are, against chance and against pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from alexcore.dashboard.caching import get_model
from alexcore.dashboard.retrieval.galleries import get_evaluation
from alexcore.dashboard.retrieval.neighbours import pick_metric
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery


def show_quality(source: ModelSource, gallery: Gallery) -> None:
    """Ask with every validation picture and compare labels."""
    metric = pick_metric()
    if gallery.key.split != "train":
        st.info(
            "Quality is judged by pictures the gallery does not hold. This gallery holds a whole "
            "folder; choose one of training pictures.",
            icon=":material/info:",
        )
        return
    found = get_evaluation(source, gallery, metric)
    title = get_model(source).names[gallery.key.node]
    spaces = {title: found.embedding, "pixels, 32 × 32": found.pixels}
    ours = found.embedding
    grid = st.grid(columns=4, min_column_width=150)
    for k, value in ours.precision.items():
        grid.metric(
            f"Precision@{k}", f"{value:.1%}",
            f"{100 * (value - found.pixels.precision[k]):+.1f} over pixels",
            help=f"Mean share of the {k} nearest training pictures of the query's class.",
        )  # fmt: skip
    grid.metric("Mean average precision", f"{ours.mean_average_precision:.1%}",
                f"{100 * (ours.mean_average_precision - ours.chance):+.1f} over chance",
                help="Of the ranking of the whole gallery.")  # fmt: skip
    st.caption(
        f"{ours.queries} validation pictures, each content once; exact copies of a query never "
        f"count. Chance is {ours.chance:.1%}."
    )
    largest = max(ours.precision)
    lines = {
        **{f"precision@{k}": [q.precision[k] for q in spaces.values()] for k in ours.precision},
        **{f"{k}-NN accuracy": [q.knn_accuracy[k] for q in spaces.values()]
           for k in ours.knn_accuracy},
        "mean average precision": [q.mean_average_precision for q in spaces.values()],
        **{f"precision@{largest} of {label}": [q.by_class[label] for q in spaces.values()]
           for label in ours.by_class},
    }  # fmt: skip
    table = pd.DataFrame.from_dict(lines, orient="index", columns=list(spaces))
    percent = st.column_config.NumberColumn(format="percent")
    st.dataframe(table, column_config=dict.fromkeys(spaces, percent),
                 alt="Precision, k-NN accuracy and average precision in both spaces")  # fmt: skip
    st.download_button("CSV", table.to_csv(), f"{source.name}-quality.csv", "text/csv",
                       on_click="ignore", icon=":material/download:")  # fmt: skip
