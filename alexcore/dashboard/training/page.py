"""Full width against half width, batch 8 against 16: which learns better, and how sure are we."""

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_runs
from alexcore.dashboard.training.comparison import show_comparison
from alexcore.dashboard.training.curves import show_curves
from alexcore.dashboard.training.finding import show_finding
from alexcore.dashboard.training.others import take_others
from alexcore.dashboard.training.predictions import show_run
from alexcore.dashboard.training.runs import (
    create_lines,
    load_histories,
    pick_runs,
    show_table,
)
from alexcore.dashboard.training.start import show_start
from alexcore.dashboard.widgets.errors import errors_shown


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    runs, _ = get_runs()
    view = st.segmented_control(
        "View", ["Compare", "One run", "Train"], default="Compare", required=True,
        key=urls.TRAINING_VIEW, bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    with errors_shown():
        if view == "Train":
            show_start(runs)
        elif not runs:
            st.info(
                "No runs yet. Start one under *Train*, or restore the `checkpoints` folder.",
                icon=":material/info:",
            )
        elif view == "One run":
            show_run(runs)
        else:
            chosen = pick_runs(runs)
            histories = load_histories(chosen)
            show_finding(chosen)
            charts = st.container()
            lines = create_lines(chosen, histories, take_others())  # stands below the charts
            with charts:
                if lines:
                    show_curves(lines)
                else:
                    st.info("No run is chosen.", icon=":material/info:")
            if chosen:
                show_comparison(chosen, histories)
                st.subheader("Runs")
                show_table(chosen, histories)
