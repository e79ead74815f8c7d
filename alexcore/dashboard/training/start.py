"""The form that starts a run; it trains in a process of its own."""

from pathlib import Path

import streamlit as st

from alexcore.dashboard.training.near_copies import show_near_copies
from alexcore.dashboard.training.watch import watch_runs
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.creatures import SETS
from alexcore.datasets.sources import (
    DOWNLOADS,
    find_attribution,
    list_downloads,
    list_sources,
)
from alexcore.models import list_models
from alexcore.runs.config import RECIPES, create_config
from alexcore.runs.run import Run
from alexcore.settings import get_runs_folder, is_read_only
from alexcore.training.driver import Task
from alexcore.training.job import start_job


def show_start(runs: list[Run]) -> None:
    """The form, the run that trains now, and those that can be resumed."""
    left, right = st.columns([2, 3])
    with left:
        if is_read_only():
            st.info("This dashboard is read-only: runs can be watched, not started.")
        else:
            _show_form({run.name for run in runs})
    with right:
        watch_runs()


def _show_form(taken: set[str]) -> None:
    st.subheader("A new run")
    source = _pick_source()
    with st.form("start", border=True):
        names = [spec.name for spec in list_models()]
        model = st.selectbox("Model", names, names.index("half"))
        left, right = st.columns(2)
        batch_size = left.number_input("Batch size", 1, 1024, 16)
        epochs = right.number_input("Epochs", 1, 1000, 12)
        recipe = st.selectbox("Recipe", list(RECIPES), list(RECIPES).index("quick"))
        left, right = st.columns(2)
        seed = left.number_input("Seed", 0, 10_000, 0)
        device = right.selectbox("Device", ["auto", "cpu", "cuda", "mps"])
        snapshots = st.number_input(
            "Snapshots", 0, 100, 10,
            help="At how many epochs the convolutions are kept, to see the kernels of conv1 form. "
            "About 1 MB each for half, 4 MB for full; 0 for none.",
        )  # fmt: skip
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            with errors_shown():
                config = create_config(recipe, model=model, batch_size=int(batch_size),
                                       epochs=int(epochs), seed=int(seed))  # fmt: skip
                name = _find_name(f"{Path(source).name}-{config.run_name}-e{epochs}", taken)
                with st.spinner("Starting ..."):
                    runs = get_runs_folder()
                    task = Task(config, source, runs / name, device, snapshots=int(snapshots))
                    start_job(runs, task)
                st.rerun()


def _pick_source() -> str:
    """Let people choose the pictures; say whose they are and which of them show the same."""
    away = list_downloads()
    source = st.selectbox(
        "Pictures", [*list_sources(), *away], key="pictures",
        format_func=lambda name: f"{DOWNLOADS[name].title} (download)" if name in away
        else Path(name).name,
        help="A drawn set, a folder of pictures a class below ALEXCORE_PICTURES, or a set that is "
             "downloaded when the training starts.",
    )  # fmt: skip
    if attribution := find_attribution(source):
        st.caption(attribution)
    folder = Path(source)
    if source not in (*away, *SETS) and folder.is_dir():
        show_near_copies(folder)
    return source


def _find_name(wish: str, taken: set[str]) -> str:
    """Return the wish, numbered when there is such a run."""
    names = [wish, *(f"{wish}-{number}" for number in range(2, 1000))]
    folder = get_runs_folder()
    return next(name for name in names if name not in taken and not (folder / name).exists())
