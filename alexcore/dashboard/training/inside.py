"""A run's own view: its curves, what happened in each layer, and conv1's kernels through time."""

from contextlib import suppress
from math import isfinite

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_history, get_layers
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.training.watch import show_own_curves
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.dashboard.widgets.kernels import has_kernels, show_kernels
from alexcore.errors import CheckpointError
from alexcore.figures.layers import QUANTITIES, Quantity, plot_layers
from alexcore.runs.layers import LAYERS_FILE, SAMPLED, LayerEpoch
from alexcore.runs.run import Run

_TITLES: dict[str, Quantity] = {text.title: name for name, text in QUANTITIES.items()}


def show_inside(run: Run) -> None:
    """What the run recorded, however it ended."""
    with errors_shown():
        left, right = st.columns(2)
        with left:
            st.subheader("Learning curves")
            with errors_shown():
                rows = get_history(run) if run.history_file.exists() else []
                show_own_curves(run.name, rows, "own-curves", log=run.diverged is not None)
        with right:
            st.subheader("Inside, layer by layer")
            _show_layers(run)
    st.subheader("Kernels of conv1")
    if has_kernels(run):
        show_kernels(run)
    else:
        st.caption(
            "This run kept neither weights nor snapshots. `alexcore train --snapshots 10`, or "
            "*Snapshots* where a run is started, keeps the convolutions as they form."
        )


def explain_divergence(run: Run) -> None:
    """Say of a run that diverged what happened and what to do, as far as it was recorded."""
    found = ""
    with suppress(CheckpointError):  # a damaged file is named below, where its layers are drawn
        if worst := _find_longest_step(get_layers(run)):
            found = (
                f"Its longest steps, in {worst.layer} in epoch {worst.epoch}, were "
                f"{worst.update_ratio:.2g} times as long as the weights themselves, where about "
                "0.001 is a good pace. "
            )
    config = run.config
    st.warning(
        f"**This run diverged in epoch {run.diverged}:** its loss was no longer a number, so it "
        f"ended there, and it would do so again. {found}Start it anew with a lower learning rate "
        f"(it was {config.lr:g}; try a third of it), or with a larger batch "
        f"(it was {config.batch_size}).",
        icon=":material/trending_up:",
    )


def _find_longest_step(rows: list[LayerEpoch]) -> LayerEpoch | None:
    """Return the row with the largest update over weight, None without one."""
    finite = [row for row in rows if isfinite(row.update_ratio)]
    return max(finite, key=lambda row: row.update_ratio, default=None)


@st.fragment
def _show_layers(run: Run) -> None:
    """One quantity at a time, a line a layer."""
    with errors_shown():
        rows = get_layers(run)
        if not rows:
            st.info(
                f"This run has no {LAYERS_FILE}: it was trained before runs looked inside. Every "
                "run trained now keeps one; start it again under *Train* to see it.",
                icon=":material/info:",
            )
            return
        title = st.segmented_control(
            "Quantity", list(_TITLES), default=next(iter(_TITLES)), required=True, wrap=True,
            key=urls.QUANTITY, bind="query-params", label_visibility="collapsed",
            help=f"Norms are of a layer's weights without biases, the mean over every {SAMPLED}th "
            "step of an epoch; silent ReLUs and spread are those after the epoch.",
        )  # fmt: skip
        quantity = _TITLES[title]
        st.caption(QUANTITIES[quantity].reading)
        alt = f"{title} of each layer of {run.name} over {rows[-1].epoch} epochs"
        show_chart(plot_layers(rows, quantity), "layers", alt)
        st.download_button(
            "CSV", (run.folder / LAYERS_FILE).read_bytes, f"{run.folder.name}-{LAYERS_FILE}",
            "text/csv", key="layers-csv", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
