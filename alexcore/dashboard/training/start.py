"""The form that starts a run; it trains in a process of its own."""

from pathlib import Path

import streamlit as st

from alexcore.dashboard.training.choices import show_choices
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
from alexcore.runs.config import RECIPES, TrainConfig, create_config
from alexcore.runs.run import Run
from alexcore.settings import get_runs_folder, is_read_only
from alexcore.sources import IMAGENET
from alexcore.training.driver import Task
from alexcore.training.job import start_job
from alexcore.training.start import create_started_config


def show_start(runs: list[Run]) -> None:
    """The form, the run that trains now, and those that can be resumed."""
    left, right = st.columns([2, 3])
    with left:
        if is_read_only():
            st.info("This dashboard is read-only: runs can be watched, not started.")
        else:
            _show_form(runs)
    with right:
        watch_runs()


def _show_form(runs: list[Run]) -> None:
    st.subheader("A new run")
    source = _pick_source()
    base = _pick_base(runs)
    with st.form("start", border=True):
        names = [base.model] if base.init else [spec.name for spec in list_models()]
        model = st.selectbox("Model", names, names.index(base.model))
        left, right = st.columns(2)
        batch_size = left.number_input("Batch size", 1, 1024, base.batch_size)
        epochs = right.number_input("Epochs", 1, 1000, base.epochs)
        seed = left.number_input("Seed", 0, 10_000, 0)
        device = right.selectbox("Device", ["auto", "cpu", "cuda", "mps"])
        snapshots = st.number_input(
            "Snapshots", 0, 100, 10,
            help="At how many epochs the convolutions are kept, to see the kernels of conv1 form. "
            "About 1 MB each for half, 4 MB for full; 0 for none.",
        )  # fmt: skip
        changes = show_choices(base)
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            with errors_shown():
                config = create_config(
                    base.recipe, init=base.init, hidden=base.hidden, model=model,
                    batch_size=batch_size, epochs=epochs, seed=seed, **changes,
                )  # fmt: skip
                folder = _find_folder(f"{Path(source).name}-{config.run_name}-e{epochs}", runs)
                with st.spinner("Starting ..."):
                    task = Task(config, source, folder, device, snapshots=snapshots)
                    start_job(get_runs_folder(), task)
                st.rerun()


def _pick_base(runs: list[Run]) -> TrainConfig:
    """Let people choose a recipe, and whose weights to begin with; the form then shows both."""
    recipe = st.selectbox("Recipe", list(RECIPES), list(RECIPES).index("quick"))
    starts = ["", IMAGENET, *(run.name for run in runs if run.has_weights)]
    init = st.selectbox(
        "Begin with", starts, starts.index(create_config(recipe).init), key=f"init-{recipe}",
        format_func=lambda name: name or "random weights",
        help="Fine-tuning begins with the weights of a run or of ImageNet, and asks for fewer "
        "pictures; the net is then theirs.",
    )  # fmt: skip
    return create_started_config(recipe, init=init)


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


def _find_folder(wish: str, runs: list[Run]) -> Path:
    """Return the folder of that name, numbered when there is such a run."""
    names = [wish, *(f"{wish}-{number}" for number in range(2, 1000))]
    taken, folder = {run.name for run in runs}, get_runs_folder()
    return next(
        folder / name for name in names if name not in taken and not (folder / name).exists()
    )
