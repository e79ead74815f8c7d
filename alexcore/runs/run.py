"""Run directories: what a training left, read without torch; ``weights`` reads the tensors.

A run is a folder with ``run.json``, ``history.csv``, ``layers.csv``, ``validation.csv``,
``test.csv`` where its pictures have a test side and, unless only the figures are kept,
``model.safetensors`` and perhaps ``snapshots``; while it can be resumed also ``last.ckpt``.
"""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from alexcore.errors import CheckpointError, ModelError, TrainingError
from alexcore.files import write_text
from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.config import TrainConfig, restore_config

RUN_FILE, HISTORY_FILE = "run.json", "history.csv"
WEIGHTS_FILE, RESUME_FILE = "model.safetensors", "last.ckpt"
PREDICTIONS_FILE, TEST_FILE = "validation.csv", "test.csv"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One training, finished or not.

    Attributes:
        folder: Where it lies; its name is the run's name.
        model: The variant's name.
        classes: The labels in the order of the outputs.
        hidden: Width of fc6 and fc7.
        preprocessing: The preprocessing the weights expect.
        config: Every choice of the training.
        dataset: Name, fingerprint and counts of the pictures.
        experiment: The comparison it belongs to, ``""`` for none.
        finished: Whether all epochs are done.
        weights_digest: sha256 of the weights file, None while there is none.
        weights_note: How the weights are stored and what that costs.
        versions: Of python, torch and the package.
        device: What it was trained on.
        processes: How many trained it; each took ``config.batch_size`` images a step.
        best: Epoch, validation accuracy and loss where the accuracy was highest; None before.
        last: The same of the last epoch.
        snapshots: At how many epochs the convolutions are kept, see ``runs.snapshots``.
        diverged: The epoch in which the loss was no longer finite, which ended it; None otherwise.
        test: Accuracy and loss on the test side, and how many pictures that has; None where the
            pictures have none, or nobody looked yet.
        alias: Its name where another run, found earlier, has the folder's.
    """

    folder: Path
    model: str
    classes: tuple[str, ...]
    hidden: int
    preprocessing: Preprocessing
    config: TrainConfig
    dataset: dict[str, Any]
    experiment: str
    finished: bool
    weights_digest: str | None
    weights_note: str
    versions: dict[str, str]
    device: str
    processes: int = 1
    best: dict[str, float] | None = None
    last: dict[str, float] | None = None
    snapshots: int = 0
    diverged: int | None = None
    test: dict[str, float] | None = None
    alias: str = ""

    @property
    def name(self) -> str:
        """The folder's name, or what tells it from another of that name."""
        return self.alias or self.folder.name

    @property
    def choices(self) -> dict[str, Any]:
        """What tells its training from others: the fields of ``config``, and ``processes``."""
        return self.config.to_dict() | {"processes": self.processes}

    @property
    def weights_file(self) -> Path:
        """Where the weights lie, if they do."""
        return self.folder / WEIGHTS_FILE

    @property
    def has_weights(self) -> bool:
        """Whether the weights are here; shipped histories may come without."""
        return self.weights_file.is_file()

    @property
    def history_file(self) -> Path:
        """Where the figures of each epoch lie."""
        return self.folder / HISTORY_FILE

    @property
    def predictions_file(self) -> Path:
        """Where the predictions for the validation pictures lie, once the run is finished."""
        return self.folder / PREDICTIONS_FILE

    @property
    def test_file(self) -> Path:
        """Where the predictions for the test side lie, where there are any."""
        return self.folder / TEST_FILE

    @property
    def can_resume(self) -> bool:
        """Whether the run was begun and not ended; one that diverged would do so again."""
        over = self.finished or self.diverged is not None
        return not over and (self.folder / RESUME_FILE).is_file()


def save_run(run: Run) -> None:
    """Write ``run.json`` in one step."""
    record = {"format": _FORMAT} | {
        field.name: getattr(run, field.name)
        for field in fields(run)
        if field.name not in ("folder", "processes", "alias")
    }
    record |= {"preprocessing": asdict(run.preprocessing), "config": run.choices}
    write_text(run.folder / RUN_FILE, json.dumps(record, indent=2) + "\n")


def load_run(folder: Path) -> Run:
    """Read one run directory.

    Raises:
        CheckpointError: ``run.json`` is missing, damaged, or of a later version of this program.
    """
    path = folder / RUN_FILE
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["format"] != _FORMAT:
            raise CheckpointError(
                f"{path} has format {record['format']}; this version reads {_FORMAT}. "
                f"Update alexcore."
            )
        preprocessing = record.get("preprocessing") or record["preset"]  # as 0.1 called it
        # What a file of before these fields leaves out of its configuration, it says elsewhere.
        said = {name: record[name] for name in ("model", "hidden")}
        said |= {name: preprocessing[name] for name in ("crop", "resize")}
        return Run(
            folder=folder,
            model=record["model"],
            classes=tuple(record["classes"]),
            hidden=record["hidden"],
            preprocessing=Preprocessing(
                preprocessing["crop"],
                preprocessing["resize"],
                tuple(preprocessing["mean"]),
                tuple(preprocessing["std"]),
            ),
            config=restore_config(said | record["config"]),
            dataset=dict(record["dataset"]),
            experiment=record["experiment"],
            finished=record["finished"],
            weights_digest=record["weights_digest"],
            weights_note=record["weights_note"],
            versions=dict(record["versions"]),
            device=record["device"],
            processes=record["config"].get("processes", 1),
            best=record["best"],
            last=record["last"],
            snapshots=record.get("snapshots", 0),
            diverged=record.get("diverged"),
            test=record.get("test"),
        )
    except FileNotFoundError as error:
        raise CheckpointError(f"{folder} is no run: it has no {RUN_FILE}.") from error
    except (ModelError, TrainingError) as error:
        raise CheckpointError(
            f"{path} holds what this version cannot train: {error} Update alexcore, or restore it."
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error!r}); restore it or remove the run."
        ) from error


def find_begun(folder: Path) -> Run | None:
    """Return the run a folder holds, finished or not; None where it holds none.

    Raises:
        CheckpointError: As ``load_run`` does, but where there is no ``run.json``.
    """
    return load_run(folder) if (folder / RUN_FILE).exists() else None


def list_runs(*roots: Path) -> tuple[list[Run], list[str]]:
    """Read every run below the given folders.

    Of several runs of one name all but the first are called by their root too, as in
    ``checkpoints/half-b16-s1``, so that none hides another.

    Returns:
        The runs, and one sentence for each that could not be read: a damaged run does not
        hide the others.
    """
    runs: dict[str, Run] = {}
    troubles = []
    for root in roots:
        for path in sorted(root.glob(f"**/{RUN_FILE}")):
            try:
                run = load_run(path.parent)
            except CheckpointError as error:
                troubles.append(str(error))
                continue
            if run.name in runs:
                run = replace(run, alias=f"{root.name}/{path.parent.relative_to(root)}")
            runs.setdefault(run.name, run)
    return list(runs.values()), troubles


def find_run(name: str, *roots: Path) -> Run:
    """Return the run of that name, or at that path.

    Raises:
        CheckpointError: There is none, or it is damaged.
    """
    if (Path(name) / RUN_FILE).is_file():
        return load_run(Path(name))
    paths = [path.parent for root in roots for path in sorted(root.glob(f"**/{RUN_FILE}"))]
    for folder in paths:
        if name == folder.name:
            return load_run(folder)
    for root in roots:
        inside = Path(name).parts[1:] if Path(name).parts[:1] == (root.name,) else ()
        if inside and root.joinpath(*inside, RUN_FILE).is_file():
            return replace(load_run(root.joinpath(*inside)), alias=name)
    known = sorted({folder.name for folder in paths})
    raise CheckpointError(f"no run {name!r}; there are {', '.join(known) or 'none yet'}.")
