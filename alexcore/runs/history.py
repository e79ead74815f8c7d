"""The figures of a run, one row an epoch, as a CSV that any tool reads."""

from dataclasses import dataclass
from pathlib import Path

from alexcore.runs.table import load_table, save_table


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch.

    Attributes:
        epoch: Counted from 1.
        step: Optimiser steps so far.
        images_seen: Training images so far, over all processes.
        seconds: Time spent training and validating so far, without pauses.
        lr: Learning rate of the epoch.
        train_loss: Mean cross-entropy over the epoch's images, in nats, dropout on.
        train_accuracy: Share of them classified correctly, in [0, 1], dropout on.
        val_loss: Mean cross-entropy over the validation images, in nats.
        val_accuracy: Share of them classified correctly, in [0, 1].
    """

    epoch: int
    step: int
    images_seen: int
    seconds: float
    lr: float
    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float


def save_history(path: Path, rows: list[Epoch]) -> None:
    """Write all rows, replacing the file in one step."""
    save_table(path, Epoch, rows)


def load_history(path: Path) -> list[Epoch]:
    """Read a history written by ``save_history``.

    Raises:
        CheckpointError: The file is missing, or a column or number is.
    """
    return load_table(path, Epoch)
