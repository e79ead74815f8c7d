"""The run that trains now, how one ended, and those that can be resumed, looked at every moment."""

from pathlib import Path

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.app import PAGES
from alexcore.dashboard.caching import get_runs
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.figures.run_curves import plot_run
from alexcore.runs.history import Epoch, load_history
from alexcore.runs.run import HISTORY_FILE, RESUME_FILE, Run
from alexcore.settings import get_runs_folder
from alexcore.training.job import (
    JOB_FILE,
    LOG_FILE,
    Job,
    find_job,
    load_job,
    load_progress,
    start_job,
    stop_job,
)

_WATCH_SECONDS = 2
_WATCHED = "watched"


@st.fragment(run_every=_WATCH_SECONDS)
@errors_shown()
def watch_runs() -> None:
    """Show the run that trains now, whoever started it, and those that wait to be resumed."""
    job = find_job(get_runs_folder())
    st.subheader("Now")
    if job is not None:
        st.session_state[_WATCHED] = str(job.folder.relative_to(get_runs_folder()))
        _show_job(job)
    else:
        st.caption("Nothing is being trained.")
        if watched := st.session_state.get(_WATCHED):
            _show_end(get_runs_folder() / watched)
    _show_unfinished(job)


def _show_end(folder: Path) -> None:
    """Say how the run one watched ended, and where it can be seen."""
    progress = load_progress(folder)
    if progress.stage == "finished":
        st.success(f"{folder.name} is finished.", icon=":material/check:")
        _link_run(folder)
    elif progress.stage == "failed":
        st.error(f"{folder.name} failed: {progress.message}", icon=":material/error:")
    elif progress.stage == "stopped":
        st.info(f"{folder.name} was stopped. {_describe_rest(folder)}")
    else:
        st.warning(
            f"{folder.name} ended unexpectedly; see its {LOG_FILE}. {_describe_rest(folder)}"
        )


def _describe_rest(folder: Path) -> str:
    if (folder / RESUME_FILE).is_file():
        return "It can be resumed from its last whole epoch."
    return "No epoch of it was whole yet, so there is nothing to resume."


def _link_run(folder: Path) -> None:
    """Offer the run's own view and, where its weights are here, its feature maps."""
    run = _find_run(folder)
    if run is None:  # it ended after the runs were last looked up
        get_runs.clear()
        run = _find_run(folder)
    if run is None:
        return
    row = st.container(horizontal=True)
    if row.button("Open the run", key="open-run", icon=":material/monitoring:",
                  on_click=_choose,
                  args=({urls.TRAINING_VIEW: "One run", urls.RUN: run.name},)):  # fmt: skip
        st.rerun()
    if run.has_weights and row.button(
        "Look inside", key="look-inside", icon=":material/grid_view:",
        on_click=_choose, args=({urls.MODEL: run.name},),
    ):  # fmt: skip
        st.switch_page(PAGES["feature_maps"].path, query_params={})


def _find_run(folder: Path) -> Run | None:
    return next((run for run in get_runs()[0] if run.folder == folder and run.finished), None)


def _choose(state: dict[str, str]) -> None:
    st.session_state.update(state)


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
    if ask_to_write("Stop", ":material/stop:", "After this step; it can be resumed later.", False):
        stop_job(job)
        st.toast(f"{name} stops after this step.")
    with errors_shown():
        history = job.folder / HISTORY_FILE
        show_own_curves(name, load_history(history) if history.exists() else [], "live")


def _say_time(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{60 * minutes:.0f} seconds"


def show_own_curves(name: str, rows: list[Epoch], key: str, log: bool = False) -> None:
    """Draw the loss, perhaps on a logarithmic axis, and the accuracy of one run."""
    if not rows:
        st.caption("The curves begin with the first whole epoch.")
        return
    alt = f"Loss and accuracy of {name} after {len(rows)} epochs"
    show_chart(plot_run(rows, log), key, alt)


def _show_unfinished(job: Job | None) -> None:
    """Offer to resume runs that a page started and that did not end, and name a command's."""
    now = job.folder if job else None
    unfinished = [run for run in get_runs()[0] if run.can_resume and run.folder != now]
    waiting = [run for run in unfinished if (run.folder / JOB_FILE).is_file()]
    others = [run.name for run in unfinished if run not in waiting]
    if unfinished:
        st.subheader("Unfinished")
    if others:  # a command may be training them right now, so no button
        st.caption(f"Started by a command; resume with it and `--resume`: {', '.join(others)}.")
    for run in waiting:
        with st.container(horizontal=True, vertical_alignment="center"):
            done = run.last["epoch"] if run.last else 0
            st.markdown(f"**{run.name}**: {done:.0f} of {run.config.epochs} epochs")
            if ask_to_write("Resume", ":material/resume:", primary=False, key=f"resume-{run.name}"):
                with errors_shown():
                    start_job(get_runs_folder(), load_job(run.folder))
                    st.rerun()
