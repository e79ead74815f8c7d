"""Records a training by any code, so that the Training page shows it while it goes on.

``log_run`` -> RunLog -> ``logged.json`` and ``history.csv`` in a run folder, weights at last.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
from torch import Tensor, nn

from alexcore.errors import TrainingError
from alexcore.files import write_text
from alexcore.runs.imported_history import parse_history
from alexcore.runs.logged import Logged, save_logged
from alexcore.runs.run import HISTORY_FILE, RUN_FILE, WEIGHTS_FILE
from alexcore.settings import get_runs_folder
from alexcore.weights.safetensors import save_weights


@dataclass(slots=True)
class RunLog:
    """Takes an epoch's figures as they come. See ``log_run``."""

    run: Logged
    _rows: list[dict[str, float]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)

    def log(self, **figures: float) -> None:
        """Add a row of an epoch and write all rows in one step.

        Args:
            **figures: Named as Lightning, Keras or fastai do: ``train_loss``, ``train_acc``,
                ``val_loss``, ``val_acc``, ``lr``; accuracies in [0, 1] or in percent. ``epoch``,
                ``step`` and ``seconds`` are counted where they are not given.

        Raises:
            TrainingError: None of them is a loss or an accuracy.
        """
        epoch, images = len(self._rows) + 1, self.run.images
        counted: dict[str, float] = {"epoch": epoch, "seconds": time.monotonic() - self._began}
        if images:
            counted |= {"step": epoch * -(-images // self.run.batch_size),
                        "images_seen": epoch * images}  # fmt: skip
        row = counted | {name: float(value) for name, value in figures.items()}
        text = pd.DataFrame([*self._rows, row]).to_csv(index=False)
        parse_history(text, self.run.batch_size)  # says so where nothing in it can be shown
        self._rows.append(row)
        write_text(self.run.folder / HISTORY_FILE, text)

    def finish(self, weights: "nn.Module | Mapping[str, Tensor] | None" = None) -> Path:
        """Say that the training ended, and keep its weights where they are given.

        Args:
            weights: A net or its state dict, which ``alexcore dashboard FILE`` opens where it is
                one of the variants.

        Returns:
            The run's folder.
        """
        if weights is not None:
            state = weights.state_dict() if isinstance(weights, nn.Module) else dict(weights)
            save_weights(self.run.weights_file, state)
        self.run = replace(self.run, finished=True)
        save_logged(self.run)
        return self.run.folder

    def __enter__(self) -> "RunLog":
        """Begin; leaving without an error finishes the run."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish, unless an error ended the training or ``finish`` was called."""
        if kind is None and not self.run.finished:
            self.finish()


def log_run(name: str, batch_size: int, images: int = 0, runs: Path | None = None) -> RunLog:
    """Begin to record a training by any code.

    Three lines in anyone's loop: ``log = log_run("mine", 32)``, then ``log.log(train_loss=...,
    val_acc=...)`` after each epoch, and ``log.finish(model)`` at the end. A run of that name that
    was recorded before is replaced.

    Args:
        name: Of the folder: letters, digits, dots, dashes and underscores.
        batch_size: Images a step.
        images: Training images of an epoch, so that runs can be compared by images seen.
        runs: The folder of runs; ``ALEXCORE_RUNS`` by default.

    Raises:
        TrainingError: The name is no folder's, a number is out of range, or a run trained by this
            package has the name.
    """
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        raise TrainingError(f"got name {name!r}; it must be letters, digits, '.', '-' and '_'.")
    if batch_size < 1 or images < 0:
        raise TrainingError(f"got batch_size={batch_size}, images={images}; at least 1 and 0.")
    run = Logged((runs or get_runs_folder()) / name, batch_size, images)
    if (run.folder / RUN_FILE).exists():
        raise TrainingError(f"{run.folder} holds a run trained by alexcore; choose another name.")
    run.folder.mkdir(parents=True, exist_ok=True)
    for name_of_old in (HISTORY_FILE, WEIGHTS_FILE):
        (run.folder / name_of_old).unlink(missing_ok=True)
    save_logged(run)
    return RunLog(run)
