"""The figures of a run, one row an epoch, as a CSV that any tool reads."""

import csv
import io
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from alexcore.errors import CheckpointError
from alexcore.files import write_text


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


_COLUMNS = tuple(field.name for field in fields(Epoch))
_WHOLE = {"epoch", "step", "images_seen"}


def save_history(path: Path, rows: list[Epoch]) -> None:
    """Write all rows, replacing the file in one step."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        values = {k: v if k in _WHOLE else f"{v:.6g}" for k, v in asdict(row).items()}
        writer.writerow(values)
    write_text(path, text.getvalue())


def _parse(column: str, text: str) -> Any:
    return int(text) if column in _WHOLE else float(text)


def load_history(path: Path) -> list[Epoch]:
    """Read a history written by ``save_history``.

    Raises:
        CheckpointError: The file is missing, or a column or number is.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [
                Epoch(*[_parse(column, row[column]) for column in _COLUMNS])
                for row in csv.DictReader(file)
            ]
    except FileNotFoundError as error:
        raise CheckpointError(f"{path.parent.name} has no {path.name}.") from error
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise CheckpointError(f"{path} is not a history of ours: {error!r}.") from error
