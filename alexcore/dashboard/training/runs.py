"""Which runs are looked at: an experiment, its configurations and seeds, and imported curves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_history
from alexcore.errors import CheckpointError
from alexcore.figures.palette import get_model_colour
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run

_DASHES = {8: "solid", 16: "dash"}
_IMPORTED_COLOURS = ("#cc79a7", "#56b4e9", "#999933", "#7f7f7f")
_NO_EXPERIMENT = "single runs"


@dataclass(frozen=True, slots=True)
class Line:
    """One run's figures as the charts need them.

    Attributes:
        name: The run's name, or the file's.
        configuration: What runs of other seeds share: model and batch size.
        colour: Of the model.
        dash: Of the batch size.
        frame: One row an epoch, columns of ``Epoch``.
    """

    name: str
    configuration: str
    colour: str
    dash: str
    frame: pd.DataFrame


def get_experiment(run: Run) -> str:
    """Return the name a run is grouped under."""
    return run.experiment or _NO_EXPERIMENT


def pick_runs(runs: list[Run]) -> list[Run]:
    """Let people choose an experiment, then models, batch sizes and seeds of it, all in the URL."""
    experiments = sorted({get_experiment(run) for run in runs}, key=lambda n: (n != "creatures", n))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    name = row.segmented_control(
        "Experiment", experiments, default=experiments[0], required=True, key=urls.EXPERIMENT,
        bind="query-params", wrap=True,
    )  # fmt: skip
    runs = [run for run in runs if get_experiment(run) == name]
    picks: dict[str, Callable[[Run], str]] = {
        "Model": lambda run: run.model,
        "Batch": lambda run: str(run.config.batch_size),
        "Seed": lambda run: str(run.config.seed),
    }
    for label, read in picks.items():
        options = sorted({read(run) for run in runs}, key=lambda text: (len(text), text))
        if len(options) > 1:
            chosen = row.pills(
                label, options, selection_mode="multi", default=options,
                key=urls.name_training_pick(label, name), bind="query-params",
            )  # fmt: skip
            runs = [run for run in runs if read(run) in chosen]
    return sorted(runs, key=lambda run: (run.model, run.config.batch_size, run.name))


def describe_state(run: Run) -> str:
    """Return whether a run is finished, diverged, or on its way."""
    if run.diverged is not None:
        return f"diverged in epoch {run.diverged}"
    return "finished" if run.finished else "not finished"


def load_histories(runs: list[Run]) -> dict[str, list[Epoch]]:
    """Return the rows of each run; one that cannot be read is named and left out."""
    histories = {}
    for run in runs:
        try:
            histories[run.name] = get_history(run)
        except CheckpointError as error:
            st.warning(str(error), icon=":material/warning:")
    return histories


def create_lines(
    runs: list[Run], histories: dict[str, list[Epoch]], imported: dict[str, pd.DataFrame]
) -> list[Line]:
    """Return what the charts draw: the runs, and what was imported."""
    lines = [
        Line(
            run.name,
            f"{run.model}, batch {run.config.batch_size}",
            get_model_colour(run.model),
            _DASHES.get(run.config.batch_size, "dot"),
            pd.DataFrame(histories[run.name]),
        )
        for run in runs
        if histories.get(run.name)
    ]
    for number, (name, frame) in enumerate(imported.items()):
        colour = _IMPORTED_COLOURS[number % len(_IMPORTED_COLOURS)]
        lines.append(Line(name, name, colour, "solid", frame))
    return lines


def find_drops(lines: list[Line], axis: str) -> list[tuple[float, str]]:
    """Return where the learning rate falls, once where runs agree."""
    drops: dict[float, str] = {}
    for line in lines:
        rates = line.frame["lr"].to_numpy(np.float64)
        places = line.frame[axis].to_numpy(np.float64)
        for i in np.flatnonzero(np.diff(rates) < 0):
            if axis != "seconds" and np.isfinite(places[i]):
                drops[float(places[i])] = f"lr {rates[i + 1]:g}"
    return sorted(drops.items())[:4]


def show_table(runs: list[Run], histories: dict[str, list[Epoch]]) -> None:
    """List the runs; a chosen row opens the run's own view."""
    rows = {run.name: histories.get(run.name, []) for run in runs}
    table = pd.DataFrame(
        [
            {
                "run": run.name,
                "model": run.model,
                "batch": run.config.batch_size,
                "seed": run.config.seed,
                "state": describe_state(run),
                "epochs": len(rows[run.name]),
                "best": run.best["val_accuracy"] if run.best else None,
                "at epoch": run.best["epoch"] if run.best else None,
                "last": run.last["val_accuracy"] if run.last else None,
                "minutes": histories[run.name][-1].seconds / 60
                if histories.get(run.name)
                else None,
                "validation": [row.val_accuracy for row in rows[run.name]],
            }
            for run in runs
        ]
    )

    def open_run() -> None:
        chosen = st.session_state["run-table"]["selection"]["rows"]
        if chosen:
            st.session_state[urls.RUN] = runs[chosen[0]].name
            st.session_state[urls.TRAINING_VIEW] = "One run"

    st.dataframe(
        table,
        hide_index=True,
        key="run-table",
        on_select=open_run,
        selection_mode="single-row",
        column_config={
            "best": st.column_config.NumberColumn(format="percent"),
            "last": st.column_config.NumberColumn(format="percent"),
            "minutes": st.column_config.NumberColumn(format="%.1f"),
            "validation": st.column_config.LineChartColumn("validation accuracy", y_min=0, y_max=1),
        },
        alt="The runs with their best and last validation accuracy",
    )
    st.caption("Choose a row to open the run's own view.")
