"""A run's own view: what it answered to each validation picture."""

from pathlib import Path

import pandas as pd
import streamlit as st

from alexcore.dashboard.app import PAGES
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.demo_set import prepare_training_pictures
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.session import IMAGE_KEY, MODEL_KEY, add_upload
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.sources import list_sources
from alexcore.figures.confusion import plot_confusions
from alexcore.runs.predictions import Answer, count_confusions, load_answers
from alexcore.runs.run import Run
from alexcore.settings import get_creatures_folder

_SHOWN = 12
_PAGES = {"feature_maps": "grid_view", "retrieval": "image_search"}


def show_run(runs: list[Run]) -> None:
    """Confusions, accuracy a class, and the most confident mistakes as pictures."""
    names = [run.name for run in runs]
    name = st.selectbox("Run", names, key="run", bind="query-params", width=360)
    run = runs[names.index(name)]
    st.caption(_describe(run))
    with errors_shown():
        answers = load_answers(run.answers_file)
        left, right = st.columns(2)
        with left:
            st.subheader("Confusions")
            show_chart(
                plot_confusions(count_confusions(answers, run.classes), run.classes),
                "confusions",
                f"Confusion matrix of {run.name} over {len(answers)} validation pictures",
            )
        with right:
            st.subheader("Accuracy by class")
            _show_classes(answers)
        mistakes = sorted((a for a in answers if not a.right), key=lambda a: -a.probability)
        st.subheader("The most confident mistakes")
        if not mistakes:
            st.success(f"{run.name} answers all {len(answers)} rightly.", icon=":material/check:")
            return
        st.caption(f"{len(mistakes)} of {len(answers)} answers are wrong; the surest first.")
        _show_mistakes(run, mistakes[:_SHOWN])


def _describe(run: Run) -> str:
    config, sizes = run.config, run.dataset
    state = "finished" if run.finished else "not finished"
    return (
        f"{run.model}, batch {config['batch_size']}, seed {config['seed']}, {config['epochs']} "
        f"epochs of recipe {config['recipe']} on {sizes['name']}: "
        f"{sum(sizes['train'].values()):,} pictures for training, "
        f"{sum(sizes['validation'].values()):,} for validation. {state.capitalize()}, on "
        f"{run.device}."
    )


def _show_classes(answers: list[Answer]) -> None:
    frame = pd.DataFrame([{"class": a.label, "right": a.right} for a in answers])
    table = frame.groupby("class")["right"].agg(["mean", "sum", "count"]).reset_index()
    st.dataframe(
        table.sort_values("mean"),
        hide_index=True,
        column_config={
            "mean": st.column_config.ProgressColumn("accuracy", format="percent", min_value=0,
                                                    max_value=1),
            "sum": "right",
            "count": "pictures",
        },
        alt="Share of right answers for each class",
    )  # fmt: skip


def find_pictures(run: Run) -> Path | None:
    """Return the folder of the run's pictures if it may be shown and is here."""
    if run.dataset["name"] == "creatures":
        folder = get_creatures_folder()
        return folder if folder.is_dir() else None
    return next((Path(s) for s in list_sources() if Path(s).name == run.dataset["name"]), None)


def _show_mistakes(run: Run, mistakes: list[Answer]) -> None:
    folder = find_pictures(run)
    grid = st.grid(columns=6, min_column_width=130)
    for answer in mistakes:
        with grid.container(border=True):
            path = folder / answer.path if folder else None
            text = f"{answer.label}, called {answer.predicted} ({answer.probability:.0%})"
            if path is None or not path.is_file():
                st.markdown(f"**{Path(answer.path).name}**  \n{text}")
                continue
            data = path.read_bytes()
            st.image(data, caption=text, width="stretch", alt=f"{answer.path}: {text}")
            with st.container(horizontal=True):
                for page, icon in _PAGES.items():
                    title = page.replace("_", " ").capitalize()
                    if st.button(
                        title, key=f"{page}-{answer.path}", icon=f":material/{icon}:",
                        on_click=_choose, args=(run, path.name, data), type="tertiary",
                    ):  # fmt: skip
                        st.switch_page(PAGES[page].path)
    if folder is None and run.dataset["name"] == "creatures":
        st.caption("The pictures are drawn on this machine when they are first needed.")
        if ask_to_write("Draw the demo set", ":material/brush:", primary=False):
            prepare_training_pictures()
            st.rerun()
    elif folder is None:
        st.caption(
            f"The pictures of {run.dataset['name']} are not here. Put the folder below a root that "
            "ALEXCORE_PICTURES names to see them."
        )


def _choose(run: Run, name: str, data: bytes) -> None:
    """Select this picture, and this run where its weights are here, in the sidebar."""
    st.session_state[IMAGE_KEY] = add_upload(name, data)
    if run.has_weights:
        st.session_state[MODEL_KEY] = run.name
