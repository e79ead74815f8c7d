"""Two runs on the same pictures: which is better, which says so, and what only one gets right."""

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import HASHES
from alexcore.dashboard.training.calibration import show_calibration
from alexcore.dashboard.training.predictions import SHOWN, show_predictions
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.runs.disagreement import Disagreement, load_disagreement
from alexcore.runs.finding import describe_disagreement
from alexcore.runs.run import Run

_FIRST, _SECOND = "the first run", "the second run"


def show_two_runs(runs: list[Run]) -> None:
    """Choose two runs; McNemar's test in words, and the pictures they disagree on."""
    names = [run.name for run in runs if run.predictions_file.is_file()]
    if len(names) < 2:
        st.info("Two finished runs are needed.", icon=":material/info:")
        return
    row = st.grid(columns=2, min_column_width=160, width=520)
    first = row.selectbox("First run", names, key=urls.FIRST_RUN, bind="query-params")
    others = [name for name in names if name != first]
    second = row.selectbox(
        "Second run", others, _find_partner(runs, others, first), key=urls.SECOND_RUN,
        bind="query-params",
    )  # fmt: skip
    by_name = {run.name: run for run in runs}
    with errors_shown():
        found = _get_disagreement(by_name[first], by_name[second])
        st.markdown(describe_disagreement(first, second, found))
        side = st.segmented_control(
            "Right only in", [_FIRST, _SECOND], default=_FIRST, required=True, key=urls.RIGHT_IN,
            bind="query-params",
        )  # fmt: skip
        wrong, pictures = (
            (by_name[second], found.only_left) if side == _FIRST
            else (by_name[first], found.only_right)
        )  # fmt: skip
        if pictures:
            count = min(SHOWN, len(pictures))
            st.caption(
                f"{count} of {len(pictures)}, with what {wrong.name} predicts, the most "
                "confident first."
            )
            show_predictions(wrong, pictures[:SHOWN], found.tested)
        else:
            st.caption("There is none.")
        show_calibration([by_name[first], by_name[second]], found.tested)


def _find_partner(runs: list[Run], names: list[str], first: str) -> int:
    """Return the place of the run that differs from the first in nothing but its model.

    Without one, of another run on the same pictures.
    """
    pictures = {run.name: run.dataset["fingerprint"] for run in runs}
    choices = {run.name: {**run.choices, "model": ""} for run in runs}
    same = [name for name in names if pictures[name] == pictures[first]]
    alike = [name for name in same if choices[name] == choices[first]]
    partners = alike or same
    return names.index(partners[0]) if partners else 0


@st.cache_data(ttl=5, max_entries=16, show_spinner=False, hash_funcs=HASHES)
def _get_disagreement(left: Run, right: Run) -> Disagreement:
    return load_disagreement(left, right)
