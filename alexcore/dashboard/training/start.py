"""Start, watch, stop and resume a run; it trains in a process of its own."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.sources import list_sources
from alexcore.figures.curves import Axes, Curve, Panel, plot_curves
from alexcore.figures.palette import MARKED, QUIET
from alexcore.models import list_models
from alexcore.runs.config import RECIPES, create_config
from alexcore.runs.history import load_history
from alexcore.runs.run import HISTORY_FILE, Run, list_runs
from alexcore.settings import get_runs_folder, is_read_only
from alexcore.training.driver import Task
from alexcore.training.job import (
    LOG_FILE,
    Job,
    find_job,
    load_job,
    load_progress,
    start_job,
    stop_job,
)

_WATCH_SECONDS = 2
_SIDES = (("train", "training", QUIET), ("val", "validation", MARKED))


def show_start(runs: list[Run]) -> None:
    """The form, the run that trains now, and those that can be resumed."""
    left, right = st.columns([2, 3])
    with left:
        if is_read_only():
            st.info("This dashboard is read-only: runs can be watched, not started.")
            return
        _show_form({run.name for run in runs})
    with right:
        _watch()
        _show_resumable()


def _show_form(taken: set[str]) -> None:
    st.subheader("A new run")
    with st.form("start", border=True):
        names = [spec.name for spec in list_models()]
        model = st.selectbox("Model", names, names.index("half"))
        left, right = st.columns(2)
        batch_size = left.number_input("Batch size", 1, 1024, 16)
        epochs = right.number_input("Epochs", 1, 1000, 12)
        source = st.selectbox(
            "Pictures", list_sources(), format_func=lambda path: Path(path).name,
            help="The demo set, or a folder of pictures a class below ALEXCORE_PICTURES.",
        )  # fmt: skip
        recipe = st.selectbox("Recipe", list(RECIPES), list(RECIPES).index("quick"))
        left, right = st.columns(2)
        seed = left.number_input("Seed", 0, 10_000, 0)
        device = right.selectbox("Device", ["auto", "cpu", "cuda", "mps"])
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            with errors_shown():
                config = create_config(recipe, model=model, batch_size=int(batch_size),
                                       epochs=int(epochs), seed=int(seed))  # fmt: skip
                name = _find_name(f"{Path(source).name}-{config.run_name}-e{epochs}", taken)
                with st.spinner("Starting ..."):
                    runs = get_runs_folder()
                    start_job(runs, Task(config, source, runs / name, device))
                st.rerun()


def _find_name(wish: str, taken: set[str]) -> str:
    """Return the wish, numbered when there is such a run."""
    names = [wish, *(f"{wish}-{number}" for number in range(2, 1000))]
    folder = get_runs_folder()
    return next(name for name in names if name not in taken and not (folder / name).exists())


@st.fragment(run_every=_WATCH_SECONDS)
def _watch() -> None:
    """Show the run that trains now, whoever started it, and how it gets on."""
    job = find_job(get_runs_folder())
    st.subheader("Now")
    before = st.session_state.get("watched")
    if job is None:
        st.caption("Nothing is being trained.")
        if before:
            _say_end(get_runs_folder() / before)
        return
    st.session_state["watched"] = job.folder.name
    _show_job(job)


def _say_end(folder: Path) -> None:
    """Say how the run one watched ended."""
    progress = load_progress(folder)
    if progress.stage == "finished":
        st.success(f"{folder.name} is finished.", icon=":material/check:")
    elif progress.stage == "failed":
        st.error(f"{folder.name} failed: {progress.message}", icon=":material/error:")
    elif progress.stage == "stopped":
        st.info(f"{folder.name} was stopped and can be resumed from its last whole epoch.")
    else:
        st.warning(
            f"{folder.name} ended without saying why; see its {LOG_FILE}. "
            "It can be resumed from its last whole epoch."
        )


def _show_job(job: Job) -> None:
    progress = job.progress
    name = job.folder.name
    if progress.stage == "preparing":
        share = progress.done / progress.total if progress.total else 0.0
        st.progress(share, f"**{name}**: preparing pictures, {progress.done} of {progress.total}")
    else:
        rate, left = progress.images_per_second, progress.total - progress.done
        text = f"**{name}**: step {progress.done:,} of {progress.total:,}"
        if rate:
            minutes = left * load_job(job.folder).config.batch_size / rate / 60
            text += f", {rate:.0f} images/s, about {_say_time(minutes)} to go"
        st.progress(min(progress.done / max(progress.total, 1), 1.0), text)
    if st.button("Stop", icon=":material/stop:", help="After this step; it can be resumed later."):
        stop_job(job)
        st.toast(f"{name} stops after this step.")
    _show_live_curves(job.folder)


def _say_time(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{60 * minutes:.0f} seconds"


def _show_live_curves(folder: Path) -> None:
    with errors_shown():
        if not (folder / HISTORY_FILE).exists():
            st.caption("The curves begin with the first whole epoch.")
            return
        frame = pd.DataFrame(load_history(folder / HISTORY_FILE))
        seen = frame["images_seen"].to_numpy(np.float64)
        panels = [
            Panel(
                figure.capitalize(),
                [
                    Curve(title, colour, "solid", seen, seen, frame[f"{side}_{figure}"].to_numpy())
                    for side, title, colour in _SIDES
                ],
                figure == "accuracy",
            )
            for figure in ("loss", "accuracy")
        ]
        alt = f"Loss and accuracy of {folder.name} after {len(frame)} epochs"
        show_chart(plot_curves([panels], Axes("images seen")), "live", alt)


def _show_resumable() -> None:
    """Offer to resume runs that a page started and that did not end."""
    runs, _ = list_runs(get_runs_folder())
    waiting = [run for run in runs if run.can_resume and (run.folder / "job.json").is_file()]
    job = find_job(get_runs_folder())
    waiting = [run for run in waiting if job is None or run.folder != job.folder]
    if not waiting:
        return
    st.subheader("Unfinished")
    for run in waiting:
        row = st.container(horizontal=True, vertical_alignment="center")
        done = run.last["epoch"] if run.last else 0
        row.markdown(f"**{run.name}**: {done:.0f} of {run.config.epochs} epochs")
        if row.button("Resume", key=f"resume-{run.name}", icon=":material/resume:"):
            with errors_shown():
                _resume(run)


def _resume(run: Run) -> None:
    start_job(get_runs_folder(), load_job(run.folder))
    st.rerun()
