"""What the experiment says: full against half, batch 8 against 16, with their uncertainty."""

import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.runs.comparison import (
    Effect,
    Factor,
    Figure,
    compute_effect,
    find_differences,
    summarise_configurations,
)
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run

_QUESTIONS: tuple[tuple[str, Factor, str | int, str | int], ...] = (
    ("Full minus half", "model", "full", "half"),
    ("Batch 8 minus 16", "batch_size", 8, 16),
)
_FIGURES: tuple[Figure, ...] = ("last", "best")


def show_finding(runs: list[Run]) -> None:
    """State the outcome in words, then each difference with its interval."""
    effects = {
        (title, figure): compute_effect(runs, factor, left, right, figure)
        for title, factor, left, right in _QUESTIONS
        for figure in _FIGURES
    }
    width = effects["Full minus half", "last"]
    if width is None:
        return
    with st.container(border=True):
        st.markdown(f"**Finding.** {_conclude(width)}")
        grid = st.grid(columns=4, min_column_width=220)
        for (title, figure), effect in effects.items():
            if effect is not None:
                grid.metric(
                    f"{title}, {figure} epoch",
                    f"{100 * effect.mean:+.1f} points",
                    _say_interval(effect),
                    delta_color="off",
                    delta_arrow="off",
                    help="Validation accuracy, mean of the paired differences. The interval is "
                    "Student's t over seeds.",
                )


def _say_interval(effect: Effect) -> str:
    if effect.half_width is None:
        return "one seed, no interval"
    low, high = effect.mean - effect.half_width, effect.mean + effect.half_width
    return f"95%: {100 * low:+.1f} to {100 * high:+.1f}"


def _conclude(width: Effect) -> str:
    """Return whether the article's conclusion, that half learns worse, held."""
    seeds = len(width.differences)
    points = f"{100 * width.mean:+.1f} points"
    if width.half_width is None:
        return (
            f"Full width ends {points} against half. The article concludes that half learns worse; "
            "with one seed a run, as there, chance cannot be told from width."
        )
    where = _say_interval(width).removeprefix("95%: ")
    if width.sign > 0:
        return (
            f"The article's conclusion held: over {seeds} seeds full width ends {points} above "
            f"half (95% interval {where})."
        )
    if width.sign < 0:
        return (
            f"The opposite of the article's conclusion: over {seeds} seeds half width ends above "
            f"full, by {-100 * width.mean:.1f} points (95% interval of the difference {where})."
        )
    return (
        f"The article's conclusion, that half learns worse, did not show: over {seeds} seeds full "
        f"minus half is {points} at the last epoch and its 95% interval, {where}, holds zero. "
        "Another seed changes as much as the width does."
    )


def show_comparison(runs: list[Run], histories: dict[str, list[Epoch]]) -> None:
    """The configurations beside each other, and only the settings in which their runs differ."""
    st.subheader("Side by side", help="One line for each model and batch size, mean over seeds.")
    target = st.slider(
        "Accuracy to reach, %", 50, 100, 90, 1, key=urls.TARGET, bind="query-params", width=300
    )
    configurations = summarise_configurations(runs, histories, target / 100)
    if not configurations:
        st.info("None of the chosen runs has finished an epoch.", icon=":material/info:")
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
