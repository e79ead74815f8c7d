"""One driver behind form and command: what it tells, when it stops, what it hands on."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch, load_history
from alexcore.runs.run import RESUME_FILE, Run, load_run
from alexcore.runs.snapshots import list_snapshots
from alexcore.training.data import prepare_data
from alexcore.training.driver import Task, run_task
from alexcore.training.loop import TrainingHooks, train


class _Notes:
    """Writes down what it hears, and ends the run at a step."""

    def __init__(self, last_step: int = 10_000) -> None:
        self.prepared: list[tuple[int, int]] = []
        self.steps: list[tuple[int, int]] = []
        self.epochs: list[Epoch] = []
        self.hooks = TrainingHooks(
            on_step=lambda done, total, rate: self.steps.append((done, total)),
            on_epoch=self.epochs.append,
            should_stop=lambda: len(self.steps) == last_step,
            on_preparing=lambda done, total: self.prepared.append((done, total)),
        )


@pytest.fixture
def task(
    creatures: Path, tiny_config: TrainConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Task:
    """Two epochs of 25 pictures in batches of 8: four steps each, of 5 validation pictures."""
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    return Task(tiny_config, str(creatures), tmp_path / "run", "cpu", "pairs", events=True)


def test_hooks_hear_of_pictures_steps_and_epochs(task: Task) -> None:
    notes = _Notes()
    run = run_task(task, notes.hooks)
    assert run.finished and run.experiment == "pairs"
    # All are hashed for near copies, then each side is decoded.
    whole = [pair for pair in notes.prepared if pair[0] == pair[1]]
    assert whole == [(30, 30), (25, 25), (5, 5)]
    assert notes.steps == [(step, 8) for step in range(1, 9)]
    assert [row.epoch for row in notes.epochs] == [1, 2]
    assert len(list(task.folder.glob("events.*"))) == 1


def test_a_hook_ends_a_run_and_the_next_task_resumes_it(task: Task) -> None:
    assert not run_task(task, _Notes(last_step=6).hooks).finished
    assert len(load_history(task.folder / "history.csv")) == 1
    notes = _Notes()
    assert run_task(replace(task, resume=True), notes.hooks).finished
    assert notes.steps[0] == (5, 8) and notes.prepared == []  # decoded before


def _resume_by_task(task: Task) -> Run:
    return run_task(replace(task, resume=True, experiment=""), _Notes().hooks)


def _resume_by_library(task: Task) -> Run:
    data = prepare_data(Path(task.data), task.config, task.folder.parent / "data" / "cache")
    return train(task.config, data, task.folder, resume=True)


@pytest.mark.parametrize("resume", [_resume_by_task, _resume_by_library])
def test_experiment_and_snapshots_go_on_when_a_run_is_resumed_without_asking_for_them(
    task: Task, resume: Callable[[Task], Run]
) -> None:
    run_task(replace(task, snapshots=3), _Notes(last_step=6).hooks)
    assert list(list_snapshots(task.folder)) == [0, 1]
    run = resume(task)
    assert list(list_snapshots(task.folder)) == [0, 1, 2]
    assert load_run(task.folder).snapshots == run.snapshots == 3
    assert load_run(task.folder).experiment == run.experiment == "pairs"


def test_a_run_older_than_near_copies_goes_on_with_its_split_as_often_as_it_is_resumed(
    task: Task,
) -> None:
    run_task(
        replace(task, config=replace(task.config, keep_near_copies=True)), _Notes(last_step=6).hooks
    )
    saved = torch.load(task.folder / RESUME_FILE, weights_only=True)
    record = json.loads((task.folder / "run.json").read_text())
    del saved["config"]["keep_near_copies"], record["config"]["keep_near_copies"]
    torch.save(saved, task.folder / RESUME_FILE)
    (task.folder / "run.json").write_text(json.dumps(record))
    longer = replace(task, config=replace(task.config, epochs=3), resume=True)
    assert not run_task(longer, _Notes(last_step=5).hooks).finished
    run = run_task(longer, _Notes().hooks)
    assert run.finished and run.config.keep_near_copies


def test_a_run_that_ends_early_keeps_a_snapshot_of_its_last_epoch(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexcore.training.loop.evaluate", lambda *_: (1.0, 0.5))
    config = replace(task.config, epochs=9, patience=1)
    run_task(replace(task, config=config, snapshots=3), _Notes().hooks)
    assert list(list_snapshots(task.folder)) == [0, 1, 2], "0, 1 and 9 were planned"


@pytest.mark.parametrize("count", [-1, 1])
def test_task_rejects_snapshots_without_start_or_end(task: Task, count: int) -> None:
    with pytest.raises(TrainingError, match="must be 0, for none, or at least 2"):
        replace(task, snapshots=count)
