"""The configurations side by side, and the settings in which their runs differ."""

import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.runs.comparison import find_differences, summarise_configurations
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run


def show_comparison(runs: list[Run], histories: dict[str, list[Epoch]]) -> None:
    """The configurations beside each other, and only the settings in which their runs differ."""
    st.subheader("Side by side", help="One line for each model and batch size, mean over seeds.")
    target = st.slider(
        "Accuracy to reach, %", 50, 100, 90, 1, key=urls.TARGET, bind="query-params", width=300
    )
    if diverged := [run.name for run in runs if run.diverged is not None]:
        st.caption(f"{len(diverged)} diverged and left out: {', '.join(diverged)}.")
    configurations = summarise_configurations(runs, histories, target / 100)
    if not configurations:
        st.info("None of the chosen runs has an epoch to compare.", icon=":material/info:")
        return
    first = configurations[0]
    table = pd.DataFrame(
        [
            {
                "configuration": f"{one.model}, batch {one.batch_size}",
                "seeds": one.seeds,
                "last": 100 * one.last,
                "± sd": None if one.last_spread is None else 100 * one.last_spread,
                "Δ last": 100 * (one.last - first.last),
                "best": 100 * one.best,
                "Δ best": 100 * (one.best - first.best),
                "gap": 100 * one.gap,
                "reached": f"{one.reached} of {one.seeds}",
                "epochs to": one.epochs,
                "images to": one.images,
                "minutes": one.seconds / 60,
            }
            for one in configurations
        ]
    )
    percent = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        table,
        hide_index=True,
        column_config=dict.fromkeys(["last", "± sd", "best", "minutes", "epochs to"], percent)
        | {
            name: st.column_config.NumberColumn(format="%+.1f", help=text)
            for name, text in {
                "Δ last": "Points above the first line.",
                "Δ best": "Points above the first line.",
                "gap": "Training minus validation accuracy over the last five epochs. Training "
                "has dropout on, so the gap can be negative.",
            }.items()
        }
        | {"images to": st.column_config.NumberColumn(format="%,.0f")},
        alt="Mean accuracies, differences and time to the target for each configuration",
    )
    st.caption(
        "Validation accuracy in percent. *Epochs to* and *images to*: mean over the runs that "
        f"reached {target}%."
    )
    differences = find_differences(runs)
    with st.expander(f"Settings in which these runs differ: {', '.join(differences) or 'none'}"):
        if differences:
            st.dataframe(pd.DataFrame(differences).astype(str), alt="Settings that differ by run")
        else:
            st.caption("Every setting is the same.")
