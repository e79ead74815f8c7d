"""A run's own view: what it predicts for each validation picture, and what happened inside."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.app import PAGES
from alexcore.dashboard.caching import get_predictions
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.session import add_upload, create_upload, visit
from alexcore.dashboard.tasks import work_shown
from alexcore.dashboard.training.calibration import show_calibration
from alexcore.dashboard.training.inside import explain_divergence, show_inside
from alexcore.dashboard.training.near_copies import show_near_copies
from alexcore.dashboard.training.runs import describe_state
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.creatures import SETS
from alexcore.datasets.sources import find_folder, open_source, open_test
from alexcore.figures.confusion import plot_confusions
from alexcore.runs.predictions import (
    ValidationPrediction,
    compute_confusion_matrix,
)
from alexcore.runs.run import Run

SHOWN = 12
_MISTAKES = "most confident mistakes"


def show_run(runs: list[Run]) -> None:
    """What the run predicts, and what happened in it."""
    names = [run.name for run in runs]
    name = st.selectbox("Run", names, key=urls.RUN, bind="query-params", width=360)
    run = runs[names.index(name)]
    st.caption(_describe(run))
    if run.diverged is not None:
        explain_divergence(run)
    with errors_shown():
        _show_all_predictions(run)
    show_inside(run)


def _show_all_predictions(run: Run) -> None:
    """Confusion matrix, accuracy by class, and pictures; nothing before the run is finished."""
    predictions = get_predictions(run)
    if predictions:
        left, right = st.columns(2)
        with left:
            st.subheader("Confusion matrix", help="Click a cell to see its pictures below.")
            show_chart(
                plot_confusions(compute_confusion_matrix(predictions, run.classes), run.classes),
                "confusions",
                f"Confusion matrix of {run.name} over {len(predictions)} validation pictures",
                lambda cell: st.session_state.update({urls.CELL: _name_cell(cell["y"], cell["x"])}),
            )
        with right:
            st.subheader("Accuracy by class")
            _show_classes(predictions)
        show_calibration([run])
        _show_pictures(run, predictions)
        if folder := find_folder(run.dataset["name"]):
            show_near_copies(folder, not run.config.keep_near_copies)


def _name_cell(label: str, predicted: str) -> str:
    """Return a cell of the matrix as the picker and the address write it."""
    return f"{label}, predicted {predicted}"


def _show_pictures(run: Run, predictions: list[ValidationPrediction]) -> None:
    """The pictures of one cell of the matrix, by default all mistakes; the most confident first."""
    cells: dict[str, list[ValidationPrediction]] = {_MISTAKES: []}
    for prediction in sorted(predictions, key=lambda a: -a.probability):
        if not prediction.correct:
            cells[_MISTAKES].append(prediction)
        cells.setdefault(_name_cell(prediction.label, prediction.predicted), []).append(prediction)
    if st.session_state.get(urls.CELL, _MISTAKES) not in cells:
        st.session_state[urls.CELL] = _MISTAKES  # an empty cell, or one of another run's classes
    st.subheader("Pictures")
    cell = st.selectbox(
        "Which", list(cells), key=urls.CELL, bind="query-params", width=360
    )  # fmt: skip
    if not cells[cell]:
        st.success(
            f"{run.name} predicts all {len(predictions)} correctly.", icon=":material/check:"
        )
        return
    shown = cells[cell][:SHOWN]
    st.caption(f"{len(shown)} of {len(cells[cell])}, the most confident first.")
    show_predictions(run, shown)


def _describe(run: Run) -> str:
    config, sizes, state = run.config, run.dataset, describe_state(run)
    test = run.test and (
        f" {run.test['accuracy']:.1%} correct of {run.test['pictures']:,} on the test side."
    )
    near = sizes.get("near_copies")
    copies = f", {near:,} near copies held together" if near else ""
    return (
        f"{run.model}, batch {config.batch_size}, seed {config.seed}, {config.epochs} "
        f"epochs of recipe {config.recipe} on {sizes['name']}: "
        f"{sum(sizes['train'].values()):,} pictures for training, "
        f"{sum(sizes['validation'].values()):,} for validation{copies}. {state.capitalize()}, on "
        f"{run.device}.{test or ''}"
    )


def _show_classes(predictions: list[ValidationPrediction]) -> None:
    frame = pd.DataFrame([{"class": a.label, "correct": a.correct} for a in predictions])
    table = frame.groupby("class")["correct"].agg(["mean", "sum", "count"]).reset_index()
    st.dataframe(
        table.sort_values("mean"),
        hide_index=True,
        column_config={
            "mean": st.column_config.ProgressColumn("accuracy", format="percent", min_value=0,
                                                    max_value=1),
            "sum": "correct",
            "count": "pictures",
        },
        alt="Share of correct predictions for each class",
    )  # fmt: skip


def show_predictions(
    run: Run, predictions: Sequence[ValidationPrediction], tested: bool = False
) -> None:
    """The pictures with what the run predicts for each, to be opened on other pages.

    Args:
        run: Whose predictions these are.
        predictions: In the order they are shown.
        tested: Whether the pictures are the test side's, not validation's.
    """
    folder = find_folder(run.dataset["name"], tested)
    grid = st.grid(columns=6, min_column_width=130)
    for prediction in predictions:
        with grid.container(border=True):
            path = folder / prediction.path if folder else None
            cell = _name_cell(prediction.label, prediction.predicted)
            text = f"{cell} ({prediction.probability:.0%})"
            if path is None or not path.is_file():
                st.markdown(f"**{Path(prediction.path).name}**  \n{text}")
                continue
            data = path.read_bytes()
            st.image(data, caption=text, width="stretch", alt=f"{prediction.path}: {text}")
            with st.container(horizontal=True):
                for page in ("feature_maps", "retrieval"):
                    st.button(
                        PAGES[page].title, key=f"{page}-{prediction.path}", icon=PAGES[page].icon,
                        on_click=_open, args=(page, run, path.name, data), type="tertiary",
                    )  # fmt: skip
    name = run.dataset["name"]
    if folder is None and name in SETS:
        st.caption("The pictures are drawn on this machine when they are first needed.")
        if ask_to_write("Draw them", ":material/brush:", primary=False):
            with work_shown(f"Drawing {name}") as on_progress:
                (open_test if tested else open_source)(name, on_progress)
            st.rerun()
    elif folder is None:
        st.caption(
            f"The pictures of {name} are not here. Put the folder below a root that "
            "ALEXCORE_PICTURES names to see them."
        )


def _open(page: str, run: Run, name: str, data: bytes) -> None:
    """Select this picture, and this run where its weights are here, and open the page."""
    add_upload(create_upload(name, data))
    if run.has_weights:
        st.session_state[urls.MODEL] = run.name
    visit(page)
