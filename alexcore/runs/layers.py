"""What happened inside: ``layers.csv`` of a run, one row an epoch and layer, read without torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from alexcore.runs.table import load_table, save_table

LAYERS_FILE = "layers.csv"
SAMPLED = 20
"""Every how many steps a run looks at gradients and updates; the first of an epoch is one."""


@dataclass(frozen=True, slots=True)
class LayerEpoch:
    """One layer in one epoch; norms are L2, of the layer's weights without its biases.

    Attributes:
        epoch: Counted from 1.
        layer: By its name in the paper: conv1 to conv5, fc6 to fc8.
        gradient_norm: Of the loss with respect to the weights; the mean over the sampled steps.
        update_ratio: Norm of a step's change of the weights over the norm of the weights before
            it; the mean over the sampled steps.
        silent_share: Share of the ReLU's channels (units of fc6 and fc7) that are zero everywhere
            on every validation picture after the epoch; NaN without a ReLU, as in fc8.
        weight_std: Standard deviation of the weights after the epoch.

    Steps whose figures are not finite count in no mean; all are NaN where every one was so.
    """

    epoch: int
    layer: str
    gradient_norm: float
    update_ratio: float
    silent_share: float
    weight_std: float


def save_layers(folder: Path, rows: Iterable[LayerEpoch]) -> None:
    """Write all rows into a run directory, replacing the file in one step."""
    save_table(folder / LAYERS_FILE, LayerEpoch, rows)


def load_layers(folder: Path) -> list[LayerEpoch]:
    """Read the rows of a run directory; none where the run kept none.

    Raises:
        CheckpointError: The file is damaged.
    """
    path = folder / LAYERS_FILE
    return load_table(path, LayerEpoch) if path.is_file() else []
