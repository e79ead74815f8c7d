"""The Overview's cards: a link to each page, its question, and one real result of it."""

import streamlit as st

from alexcore.dashboard.app import PAGES
from alexcore.dashboard.caching import get_history
from alexcore.errors import CheckpointError
from alexcore.reports.preview import Preview
from alexcore.runs.run import Run

_NO_PREVIEW = "Open the page, or make a preview with `python -m alexcore preview RUN`."


def show_way_in(page: str, question: str) -> None:
    """The head of a card: a link to the page and the question it answers."""
    info = PAGES[page]
    st.page_link(info.path, label=f"**{info.title}**", icon=info.icon)
    st.caption(question)


def show_architecture(preview: Preview | None) -> None:
    """The network to scale, and how much it weighs."""
    show_way_in("architecture", "What happens to the shape and the cost, layer by layer?")
    if preview is None:
        st.info(_NO_PREVIEW)
        return
    st.image(preview.volumes, width="stretch", alt="The layers as boxes, drawn to scale")
    left, right = st.columns(2)
    left.metric("Parameters", f"{preview.params / 1e6:.1f} M")
    right.metric("Mult-adds a picture", f"{preview.mult_adds / 1e6:,.0f} M")
    st.markdown(
        f"The fully connected layers hold {preview.dense_params:.0%} of the parameters and do "
        f"{preview.dense_mult_adds:.0%} of the arithmetic."
    )


def show_training(runs: list[Run]) -> None:
    """Best validation accuracy of up to four runs, each over its history."""
    show_way_in("training", "Does half the width learn as well? Batch 8 or 16?")
    if not runs:
        st.info("No runs yet: `python -m alexcore train` makes one.")
    grid = st.grid(columns=2, min_column_width=130)
    for run in runs[:4]:
        try:
            rows = get_history(run)
        except CheckpointError as error:
            grid.warning(str(error))
            continue
        grid.metric(
            run.name,
            f"{run.best['val_accuracy']:.1%}" if run.best else "-",
            chart_data=[row.val_accuracy for row in rows],
            help="Best validation accuracy, and how it grew epoch by epoch.",
        )


def show_feature_maps(preview: Preview | None, run: str) -> None:
    """The kernels of conv1, and its first channels looking at a picture."""
    show_way_in("feature_maps", "What does each channel see in a picture?")
    if preview is None:
        st.info(_NO_PREVIEW)
        return
    st.image(preview.kernels, width="stretch", alt="The kernels of conv1 as small pictures")
    st.markdown(f"The kernels of {run}'s conv1, as in figure 3 of the paper")
    st.image(
        preview.feature_maps,
        width="stretch",
        alt=f"Thirty-two channels of conv1 for {preview.image}",
    )
    label, probability = preview.prediction
    st.markdown(f"conv1 looking at *{preview.image}*, predicted {label} ({probability:.0%})")


def show_retrieval(preview: Preview | None) -> None:
    """A query and its five nearest."""
    show_way_in("retrieval", "Which training pictures does the last hidden layer find most alike?")
    if preview is None:
        st.info(_NO_PREVIEW)
        return
    st.image(
        preview.neighbours, width="stretch", alt=f"{preview.image} and its five nearest pictures"
    )
    agreeing = ", ".join(preview.labels)
    st.markdown(f"*{preview.image}*, framed, and its five nearest: {agreeing}")
