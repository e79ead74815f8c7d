"""Whether runs are right as often as they say: the reliability curve, its error and its numbers."""

from collections.abc import Sequence

import streamlit as st

from alexcore.dashboard.caching import get_predictions
from alexcore.dashboard.components.chart import show_chart
from alexcore.figures.calibration import plot_calibration
from alexcore.figures.palette import get_model_colour
from alexcore.runs.calibration import Calibration, compute_calibration, describe_calibration
from alexcore.runs.run import Run

_COLUMNS = "run,above,at_most,pictures,correct,mean_probability,accuracy,accuracy_low,accuracy_high"


def show_calibration(runs: Sequence[Run], tested: bool = False) -> None:
    """The curves of one run or two, on the same pictures.

    Args:
        runs: All with predictions.
        tested: Whether of the test pictures, not validation's.

    Raises:
        CheckpointError: A file is damaged.
    """
    found = {run.name: compute_calibration(get_predictions(run, tested)) for run in runs}
    st.subheader(
        "Calibration",
        help="Predictions are sorted by the probability of the predicted class into ten bins; a "
        "net whose 80% is right in 80% of cases lies on the dashed line. The expected calibration "
        "error is the mean distance from it, each bin by its pictures (Guo et al. 2017). Whiskers "
        "are 95% intervals (Wilson): a bin of few pictures tells little.",
    )
    for name, calibration in found.items():
        st.markdown(describe_calibration(name, calibration, tested))
    colours = {run.name: get_model_colour(run.model) for run in runs}
    names = " and ".join(found)
    show_chart(
        plot_calibration(found, colours),
        f"calibration-{len(runs)}",
        f"How often {names} is right over the probability of the predicted class",
    )
    st.download_button(
        "CSV", lambda: _write_csv(found), f"calibration-{'-'.join(found)}.csv", "text/csv",
        key=f"calibration-csv-{len(runs)}", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _write_csv(found: dict[str, Calibration]) -> str:
    rows = [
        f"{name},{b.low:.6g},{b.high:.6g},{b.pictures},{b.correct},{b.confidence:.6g},"
        f"{b.accuracy:.6g},{b.interval[0]:.6g},{b.interval[1]:.6g}"
        for name, calibration in found.items()
        for b in calibration.bins
    ]
    return "\n".join((_COLUMNS, *rows, ""))
