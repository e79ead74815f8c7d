"""Trainings by any code that record themselves, see ``alexcore.log_run``.

A folder with ``logged.json``, ``history.csv`` and perhaps weights -> ``list_logged`` -> the columns
that other tools' histories give. It stands beside runs of this package's own engine, of which much
more is known.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alexcore.errors import CheckpointError, TrainingError
from alexcore.files import write_text
from alexcore.runs.run import HISTORY_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    import pandas as pd

LOGGED_FILE = "logged.json"


@dataclass(frozen=True, slots=True)
class Logged:
    """What is known of such a training.

    Attributes:
        folder: Where it lies; its name is the run's.
        batch_size: Images a step.
        images: Training images of an epoch, 0 where nobody said.
        finished: Whether its code said that it ended.
    """

    folder: Path
    batch_size: int
    images: int = 0
    finished: bool = False

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def weights_file(self) -> Path:
        """Where its weights lie, if they do."""
        return self.folder / WEIGHTS_FILE

    def load(self) -> "pd.DataFrame":
        """Return a row an epoch, as ``parse_history`` does.

        Raises:
            TrainingError: There is no row yet, or the file is damaged.
        """
        from alexcore.runs.imported_history import parse_history

        try:
            text = (self.folder / HISTORY_FILE).read_text(encoding="utf-8")
        except OSError as error:
            raise TrainingError(f"{self.name} has no epoch yet.") from error
        return parse_history(text, self.batch_size)


def list_logged(*roots: Path) -> list[Logged]:
    """Return the recorded trainings below some folders, those that changed last first.

    What cannot be read is passed over: another program writes these files.
    """
    found = [path for root in roots for path in root.glob(f"**/{LOGGED_FILE}")]
    runs = {path: run for path in found if (run := _load(path)) is not None}
    return [runs[path] for path in sorted(runs, key=_last_change, reverse=True)]


def _last_change(path: Path) -> float:
    history = path.parent / HISTORY_FILE
    return (history if history.is_file() else path).stat().st_mtime


def save_logged(run: Logged) -> None:
    """Write ``logged.json`` in one step.

    Raises:
        CheckpointError: The folder cannot be written.
    """
    record: dict[str, Any] = {"format": 1} | asdict(run)
    del record["folder"]
    try:
        write_text(run.folder / LOGGED_FILE, json.dumps(record, indent=2) + "\n")
    except OSError as error:
        raise CheckpointError(f"cannot write into {run.folder}: {error}.") from error


def _load(path: Path) -> Logged | None:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return Logged(path.parent, record["batch_size"], record["images"], record["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
