"""Runs of other tools beside ours: files one brings, and trainings that record themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.session import add_own_source
from alexcore.dashboard.uploads import HISTORY_MB, get_limit
from alexcore.errors import AlexcoreError, TrainingError
from alexcore.runs.imported_history import parse_events, parse_history
from alexcore.runs.logged import Logged, list_logged
from alexcore.settings import get_run_roots
from alexcore.sources import create_file_source

if TYPE_CHECKING:
    import pandas as pd

_WATCH_SECONDS = 3
_LOGGING = """
from alexcore import log_run

log = log_run("mine", batch_size=32)
log.log(train_loss=0.7, val_loss=0.9, val_acc=0.64)  # after each epoch
log.finish(model)  # or without weights
"""


def take_others() -> dict[str, pd.DataFrame]:
    """Return the figures of runs of other tools by name: recorded ones, and files."""
    logged = {run.name: run for run in list_logged(*get_run_roots())}
    with st.expander("Runs of other tools", icon=":material/add_chart:", expanded=bool(logged)):
        frames = _take_logged(logged) | _take_files()
        with st.popover("From your own loop", icon=":material/code:"):
            st.caption("Three lines, and the run is here while it trains:")
            st.code(_LOGGING.strip(), "python")
    return frames


def _take_logged(runs: dict[str, Logged]) -> dict[str, pd.DataFrame]:
    """Let people choose among the trainings that record themselves; the last one at first."""
    if not runs:
        return {}
    chosen = st.pills(
        "Recorded by `log_run`", list(runs), selection_mode="multi", default=list(runs)[:1],
        key=urls.LOGGED, bind="query-params",
    )  # fmt: skip
    frames = {}
    for name in chosen:
        try:
            frames[name] = runs[name].load()
        except TrainingError as error:
            st.caption(str(error))
        if runs[name].weights_file.is_file():
            st.button(
                f"Look inside {name}", icon=":material/grid_view:", type="tertiary",
                on_click=_look_inside, args=(runs[name],),
            )  # fmt: skip
    going = [name for name in chosen if not runs[name].finished]
    if going:
        _watch({name: len(frames.get(name, ())) for name in going}, runs)
    return frames


@st.fragment(run_every=_WATCH_SECONDS)
def _watch(seen: dict[str, int], runs: dict[str, Logged]) -> None:
    """Say what is going on, and draw the page anew once there is more to see."""
    st.caption(
        ", ".join(f"{name} is training, epochs so far: {rows}" for name, rows in seen.items())
    )
    for name, rows in seen.items():
        try:
            grown = len(runs[name].load()) != rows
        except TrainingError:
            continue
        if grown:
            st.rerun(scope="app")
    if {run.name for run in list_logged(*get_run_roots()) if not run.finished}.isdisjoint(seen):
        st.rerun(scope="app")


def _look_inside(run: Logged) -> None:
    """Open its weights as those one brings; what is wrong with them is said where they are."""
    try:
        source = create_file_source(f"{run.name}.safetensors", run.weights_file.read_bytes())
    except (AlexcoreError, OSError) as error:
        st.session_state["weights-error"] = f"{run.name}: {error}"
        return
    add_own_source(source)
    st.session_state[urls.MODEL] = source.name


def _take_files() -> dict[str, pd.DataFrame]:
    """Take files of runs trained with other tools; they stay in the session's memory."""
    st.caption(
        "Lightning's metrics.csv, Keras, fastai, any CSV with columns like epoch, train_loss, "
        "val_loss, val_acc, or TensorBoard's event files. The files stay in this session's memory."
    )
    batch_size = st.number_input(
        "Their batch size", 1, 65536, 16, key="imported-batch",
        help="Turns steps into images seen, where the file does not count images.",
    )  # fmt: skip
    with st.container(key="own-histories"):
        files = st.file_uploader(
            "History files", accept_multiple_files=True, key="imported-files",
            label_visibility="collapsed", max_upload_size=get_limit(HISTORY_MB),
        )  # fmt: skip
    frames = {}
    for file in files:
        try:
            if "tfevents" in file.name:
                frames[file.name] = parse_events(file.getvalue(), int(batch_size))
            else:
                text = file.getvalue().decode("utf-8", errors="replace")
                frames[file.name.removesuffix(".csv")] = parse_history(text, int(batch_size))
        except TrainingError as error:
            st.error(f"{file.name}: {error}", icon=":material/error:")
    return frames
