"""What the experiment says: full against half, with its uncertainty, and what others say."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.training.two_runs import show_two_runs
from alexcore.figures.power import plot_seeds
from alexcore.runs.claims import list_claims
from alexcore.runs.effect import (
    MEASURES,
    Effect,
    Factor,
    Measure,
    choose_measure,
    compute_effect,
)
from alexcore.runs.finding import (
    conclude,
    describe_bootstrap,
    describe_equivalence,
    describe_seeds,
)
from alexcore.runs.power import compute_detectable, compute_spread_interval
from alexcore.runs.run import Run

_QUESTIONS: tuple[tuple[str, Factor, str | int, str | int], ...] = (
    ("Full minus half", "model", "full", "half"),
    ("Batch 8 minus 16", "batch_size", 8, 16),
)
_WIDEST = 5.0
_SEEDS = sorted({round(n) for n in np.geomspace(2, 2000, 60)})


def show_finding(runs: list[Run]) -> None:
    """State the outcome in words, and behind tabs how sure it is and what others found."""
    measure = choose_measure(runs)
    width = compute_effect(runs, "model", "full", "half", measure)
    if width is None:
        return
    panels: dict[str, Callable[[], None]] = {
        "Differences": lambda: _show_differences(runs, width, measure),
        "How many seeds": lambda: _show_seeds(width),
        "Equivalent?": lambda: _show_equivalence(width),
        "Two runs": lambda: show_two_runs(runs),
        "What others found": lambda: _show_claims(runs, width, measure),
    }
    with st.container(border=True):
        st.markdown(f"**Finding.** {conclude(width, measure)}")
        tabs = st.tabs(list(panels), key=urls.FINDING, bind="query-params")
        for tab, show in zip(tabs, panels.values(), strict=True):
            if tab.open:
                with tab:
                    show()


def _show_differences(runs: list[Run], width: Effect, measure: Measure) -> None:
    grid = st.grid(columns=4, min_column_width=220)
    for title, factor, left, right in _QUESTIONS:
        for name in (measure, "best"):
            effect = compute_effect(runs, factor, left, right, name)
            if effect is not None:
                grid.metric(
                    f"{title}, {_SHORT[name]}", f"{100 * effect.mean:+.1f} points",
                    _say_interval(effect), delta_color="off", delta_arrow="off",
                    help=f"{MEASURES[name].capitalize()}, mean of the paired differences. The "
                    "interval is Student's t over seeds.",
                )  # fmt: skip
    if said := describe_bootstrap(width):
        st.caption(said)


_SHORT: dict[Measure, str] = {"test": "test", "last": "last epoch", "best": "best epoch"}


def _say_interval(effect: Effect) -> str:
    if effect.margin is None:
        return "one seed, no interval"
    low, high = effect.mean - effect.margin, effect.mean + effect.margin
    return f"95%: {100 * low:+.1f} to {100 * high:+.1f}"


@st.fragment
def _show_seeds(width: Effect) -> None:
    difference = st.slider(
        "True difference, points", 0.1, _WIDEST, 1.0, 0.1, key=urls.DIFFERENCE,
        bind="query-params", persist_state="session", width=300, format="%.1f",
        help="Seen: the paired t test over seeds says so at the 5% level. Four times in five is a "
        "power of 80%.",
    )  # fmt: skip
    st.markdown(describe_seeds(width, difference / 100))
    between = compute_spread_interval(width)
    if between is None or not width.spread:
        return
    detectable = np.array([compute_detectable(seeds) for seeds in _SEEDS])
    spreads = (100 * between[0], 100 * width.spread, 100 * between[1])
    show_chart(
        plot_seeds(detectable, _SEEDS, spreads, (difference, width.seeds), _WIDEST),
        "seeds-needed",
        "Seeds needed to see a difference, over the difference",
    )
    st.caption("The band is the 95% interval of the spread over seeds, as far as it is known here.")


@st.fragment
def _show_equivalence(width: Effect) -> None:
    bound = st.slider(
        "Differences that count as none, ± points", 0.1, _WIDEST, 1.0, 0.1, key=urls.BOUND,
        bind="query-params", persist_state="session", width=300, format="%.1f",
        help="Two one-sided tests: is the mean above the lower bound, and below the upper one? "
        "Equivalent when both say so at the 5% level.",
    )  # fmt: skip
    st.markdown(describe_equivalence(width, bound / 100))


def _show_claims(runs: Sequence[Run], width: Effect, measure: Measure) -> None:
    grid = st.grid(columns=3, min_column_width=250)
    for claim in list_claims(runs, width, measure):
        with grid.container(border=True):
            st.markdown(f"**{claim.source}**: {claim.result}")
            st.caption(f"Half: {claim.halved}.  \nJudged by {claim.judged}.")
