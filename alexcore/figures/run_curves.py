"""One run's own curves: loss and accuracy, training and validation."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from alexcore.figures.curves import Axes, Curve, Panel, plot_curves
from alexcore.figures.palette import MARKED, QUIET
from alexcore.runs.history import Epoch

_SIDES = (("train", "training", QUIET), ("val", "validation", MARKED))


def plot_run(rows: Sequence[Epoch], log: bool = False) -> go.Figure:
    """Draw loss, perhaps on a logarithmic axis, and accuracy over images seen.

    Args:
        rows: At least one epoch.
        log: Whether the loss has a logarithmic axis.
    """
    frame = pd.DataFrame(rows)
    seen = frame["images_seen"].to_numpy(np.float64)
    panels = [
        Panel(
            figure.capitalize(),
            [
                Curve(title, colour, "solid", seen, seen, frame[f"{side}_{figure}"].to_numpy())
                for side, title, colour in _SIDES
            ],
            figure == "accuracy",
        )
        for figure in ("loss", "accuracy")
    ]
    return plot_curves([panels], Axes("images seen", log=log))
