"""Full width against half width, batch 8 against 16: which learns better."""

import numpy as np
import pandas as pd
import streamlit as st

from alexcore.figures.curves import AXIS_TITLES, METRIC_TITLES, Curve, plot_curves
from ui.cache import get_history, get_runs
from ui.errors import errors_shown

st.title("Training")
st.markdown(
    "Every line is one training run. Colour tells the width, the dash the batch size; all are "
    "drawn over the images they have seen, since batch 8 takes twice the steps of batch 16."
)

runs, _ = get_runs()
if not runs:
    st.info(
        "No runs yet. Train one with `python -m alexcore train --model half`, or restore the "
        "`checkpoints` folder.",
        icon=":material/info:",
    )
    st.stop()

names = [run.name for run in runs]
first_seed = [run.name for run in runs if not run.config["seed"]]
chosen = st.multiselect("Runs", names, default=first_seed or names, key="runs", bind="query-params")
axis_column, smoothing_column = st.columns([2, 3])
axis = axis_column.segmented_control(
    "Horizontal axis", list(AXIS_TITLES), default="images_seen", required=True, wrap=True,
    format_func=AXIS_TITLES.__getitem__, key="axis", bind="query-params",
)  # fmt: skip
half_life = smoothing_column.slider(
    "Smoothing: half-life in images", 0, 8000, 800, 100, key="half_life", bind="query-params"
)

with errors_shown():
    histories = {
        run.name: (run, pd.DataFrame(get_history(run, str(run.folder))))
        for run in runs
        if run.name in chosen
    }
    grid = st.columns(2)
    for place, metric in enumerate(METRIC_TITLES):
        curves = [
            Curve(
                name,
                run.model,
                int(run.config["batch_size"]),
                frame[axis].to_numpy(np.float64),
                frame["images_seen"].to_numpy(np.float64),
                frame[metric].to_numpy(np.float64),
            )
            for name, (run, frame) in histories.items()
            if len(frame)
        ]
        with grid[place % 2]:
            st.plotly_chart(
                plot_curves(curves, metric, axis, half_life),
                key=f"curve-{metric}",
                alt=f"{METRIC_TITLES[metric]} of {len(curves)} runs over {AXIS_TITLES[axis]}",
            )
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "run": run.name,
                    "model": run.model,
                    "batch": run.config["batch_size"],
                    "seed": run.config["seed"],
                    "epochs": len(frame),
                    "best validation": run.best["val_accuracy"] if run.best else None,
                    "at epoch": run.best["epoch"] if run.best else None,
                    "last validation": run.last["val_accuracy"] if run.last else None,
                    "minutes": frame["seconds"].iloc[-1] / 60 if len(frame) else None,
                }
                for run, frame in histories.values()
            ]
        ),
        hide_index=True,
        column_config={
            "best validation": st.column_config.NumberColumn(format="percent"),
            "last validation": st.column_config.NumberColumn(format="percent"),
            "minutes": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="The chosen runs and their best and last validation accuracy",
    )
