"""Runs in processes of their own: started once, watched, stopped, resumed, not orphaned."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.runs.history import load_history
from alexcore.runs.run import load_run
from alexcore.runs.snapshots import list_snapshots
from alexcore.training.driver import Task
from alexcore.training.job import Job, find_job, load_progress, start_job, stop_job
from tests.waiting import wait_for


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    return tmp_path / "runs"


def wait_until_over(runs: Path) -> None:
    wait_for(lambda: find_job(runs) is None)


def wait_for_epoch(runs: Path, name: str) -> Job:
    wait_for(lambda: (runs / name / "history.csv").exists() or find_job(runs) is None)
    job = find_job(runs)
    assert job is not None, (runs / name / "job.log").read_text()
    return job


def test_a_job_is_stopped_and_resumed(
    runs: Path, creatures: Path, tiny_config: TrainConfig
) -> None:
    config = replace(tiny_config, epochs=400)
    start_job(runs, Task(config, str(creatures), runs / "run", snapshots=2))
    stop_job(wait_for_epoch(runs, "run"))
    wait_until_over(runs)
    assert load_progress(runs / "run").stage == "stopped"
    stopped = load_run(runs / "run")
    assert stopped.can_resume
    done = len(load_history(stopped.history_file))
    start_job(runs, Task(replace(config, epochs=done + 1), str(creatures), runs / "run"))
    wait_until_over(runs)
    assert load_progress(runs / "run").stage == "finished", (runs / "run" / "job.log").read_text()
    assert load_run(runs / "run").finished
    assert len(load_history(stopped.history_file)) == done + 1
    assert list(list_snapshots(stopped.folder)) == [0, done + 1]


def test_two_people_starting_get_one_run_and_one_message(
    runs: Path, creatures: Path, tiny_config: TrainConfig
) -> None:
    config = replace(tiny_config, epochs=400)

    def start(name: str) -> str:
        try:
            start_job(runs, Task(config, str(creatures), runs / name))
        except TrainingError as error:
            return str(error)
        return "started"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(start, ["left", "right"]))
    assert said[1] == "started" and "is being trained, and one run at a time" in said[0]
    job = find_job(runs)
    assert job is not None
    stop_job(job)
    wait_until_over(runs)


def test_a_job_outlives_who_started_it(
    runs: Path, creatures: Path, tiny_config: TrainConfig
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from alexcore.runs.config import create_config\n"
        "from alexcore.training.driver import Task\n"
        "from alexcore.training.job import start_job\n"
        "config = create_config(model='half', batch_size=8, epochs=400, hidden=32)\n"
        f"runs = Path({str(runs)!r})\n"
        f"start_job(runs, Task(config, {str(creatures)!r}, runs / 'run'))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    job = wait_for_epoch(runs, "run")
    assert job.folder == runs / "run"
    stop_job(job)
    wait_until_over(runs)


def test_a_job_that_fails_says_why(runs: Path, tmp_path: Path, tiny_config: TrainConfig) -> None:
    start_job(runs, Task(tiny_config, str(tmp_path / "nowhere"), runs / "run"))
    wait_until_over(runs)
    progress = load_progress(runs / "run")
    assert progress.stage == "failed" and "there is no folder" in progress.message


def test_without_a_job_there_is_none(tmp_path: Path) -> None:
    assert find_job(tmp_path / "nothing") is None
    (tmp_path / ".training.json").write_text('{"run": "old", "pid": 1}')
    assert find_job(tmp_path) is None
