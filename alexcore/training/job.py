"""Runs started from a page: each a process of its own, one at a time, outliving who started it.

``start_job`` -> RUN/job.json and ``python -m alexcore job RUN`` -> ``run_job`` there, which holds
the lock of the runs folder while it lives -> RUN/progress.json, read by ``find_job``.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from alexcore.errors import AlexcoreError, TrainingError
from alexcore.files import write_text
from alexcore.runs.config import restore_config
from alexcore.runs.run import HISTORY_FILE
from alexcore.training.driver import Task, run_task

JOB_FILE, PROGRESS_FILE, LOG_FILE = "job.json", "progress.json", "job.log"
_OWNER_FILE = ".training.json"
Stage = Literal["preparing", "training", "stopped", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job has come.

    Attributes:
        stage: What it is doing, or how it ended.
        done: Pictures prepared, or steps trained since the run began.
        total: Of the same.
        images_per_second: Of the training, 0 before.
        message: Why it failed.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    images_per_second: float = 0.0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """The job that runs now.

    Attributes:
        folder: The run directory.
        pid: Its process.
        progress: The latest, at most a second or two old.
    """

    folder: Path
    pid: int
    progress: JobProgress


def _lock(runs: Path, name: str, timeout: float) -> FileLock:
    runs.mkdir(parents=True, exist_ok=True)
    return FileLock(runs / f".{name}.lock", timeout=timeout)


def find_job(runs: Path) -> Job | None:
    """Return the job that trains below ``runs`` now, whoever started it; None when none does."""
    if not (runs / _OWNER_FILE).is_file():
        return None
    try:
        with _lock(runs, "training", 0):
            return None  # nobody holds the lock: what the file says is of the past
    except Timeout:
        pass
    try:
        owner = json.loads((runs / _OWNER_FILE).read_text(encoding="utf-8"))
        folder = runs / owner["run"]
        return Job(folder, int(owner["pid"]), load_progress(folder))
    except (OSError, ValueError, KeyError):
        return None  # it is being written


def load_progress(folder: Path) -> JobProgress:
    """Return what the job of a run last said; ``preparing`` before it spoke."""
    try:
        return JobProgress(**json.loads((folder / PROGRESS_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return JobProgress("preparing")


def start_job(runs: Path, task: Task) -> None:
    """Start a run, or resume what its directory holds, in a process of its own.

    Args:
        runs: The runs folder.
        task: The run, its directory anywhere below ``runs``.

    Raises:
        TrainingError: Another run is being trained, or the process did not start.
    """
    folder = task.folder
    try:
        with _lock(runs, "starting", 20):
            running = find_job(runs)
            if running is not None:
                raise TrainingError(
                    f"{running.folder.name} is being trained, and one run at a time is enough for "
                    "a machine. Wait for it or stop it."
                )
            job: dict[str, Any] = {"config": task.config.to_dict(), "data": task.data}
            job |= {"device": task.device, "experiment": task.experiment}
            job |= {"snapshots": task.snapshots}
            write_text(folder / JOB_FILE, json.dumps(job, indent=2) + "\n")
            (folder / PROGRESS_FILE).unlink(missing_ok=True)
            _spawn(runs, folder)
    except (OSError, Timeout) as error:
        raise TrainingError(f"cannot start a run in {runs}: {error}.") from error


def _spawn(runs: Path, folder: Path) -> None:
    """Start the process and wait until it holds the lock, so that two starts cannot cross."""
    command = [sys.executable, "-m", "alexcore", "job", str(folder), str(runs)]
    with (folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    threading.Thread(target=process.wait, daemon=True).start()  # or it stays as a zombie
    for _ in range(300):
        job = find_job(runs)
        if job is not None and job.pid == process.pid:
            return
        if process.poll() is not None:
            if load_progress(folder).stage == "preparing":
                tail = (folder / LOG_FILE).read_text(encoding="utf-8", errors="replace")[-300:]
                raise TrainingError(f"the run {folder.name} did not start: {tail.strip()}")
            return  # it was quick: finished, or failed and said why
        time.sleep(0.1)
    raise TrainingError(f"the run {folder.name} did not start in 30 seconds; see {LOG_FILE}.")


def stop_job(job: Job) -> None:
    """Ask a job to finish its step and stop; the run can be resumed from its last epoch."""
    with suppress(ProcessLookupError):
        os.kill(job.pid, signal.SIGTERM)


def load_job(folder: Path) -> Task:
    """Return the job of a run; it resumes what the directory holds.

    Raises:
        TrainingError: The run was not started from a page, or its file is damaged.
    """
    try:
        job: dict[str, Any] = json.loads((folder / JOB_FILE).read_text(encoding="utf-8"))
        return Task(
            restore_config(job["config"]), str(job["data"]), folder, str(job["device"]),
            str(job.get("experiment", "")), resume=(folder / HISTORY_FILE).exists(),
            snapshots=int(job.get("snapshots", 0)),
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{folder} holds no job to run ({error!r}).") from error


class _Reporter:
    """Writes progress, at most once a second unless the stage changes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / PROGRESS_FILE
        self._last = 0.0
        self.now = JobProgress("preparing")

    def say(self, progress: JobProgress) -> None:
        quiet = time.monotonic() - self._last < 1 and progress.stage == self.now.stage
        self.now = progress
        if not quiet:
            self._last = time.monotonic()
            write_text(self._file, json.dumps(asdict(progress)) + "\n")


@contextmanager
def _owned(runs: Path, folder: Path) -> Iterator[None]:
    """Hold the lock of the runs folder and say whose it is."""
    try:
        with _lock(runs, "training", 5):
            owner = {"run": str(folder.relative_to(runs)), "pid": os.getpid()}
            write_text(runs / _OWNER_FILE, json.dumps(owner) + "\n")
            yield
    except Timeout as error:
        raise TrainingError("another run is being trained here.") from error


def run_job(runs: Path, folder: Path, should_stop: Callable[[], bool]) -> None:
    """Train the job of a run in this process, politely, and leave word of how it went.

    Args:
        runs: The runs folder.
        folder: The run directory with its ``job.json``.
        should_stop: Asked after each step.

    Raises:
        AlexcoreError: What ended it, which ``progress.json`` says too.
    """
    task = load_job(folder)
    with _owned(runs, folder):
        # Not before: it imports torch, and who started this waits for the lock.
        from alexcore.training.loop import TrainingHooks

        if hasattr(os, "nice"):
            os.nice(10)  # people looking at pages come first
        reporter = _Reporter(folder)
        hooks = TrainingHooks(
            on_step=lambda *at: reporter.say(JobProgress("training", *at)),
            on_preparing=lambda *at: reporter.say(JobProgress("preparing", *at)),
            should_stop=should_stop,
        )
        reporter.say(JobProgress("preparing"))
        try:
            finished = run_task(task, hooks).finished
        except AlexcoreError as error:
            reporter.say(JobProgress("failed", message=str(error)))
            raise
        except BaseException as error:
            reporter.say(JobProgress("failed", message=f"{type(error).__name__}: {error}"))
            raise
        at = reporter.now
        reporter.say(JobProgress("finished" if finished else "stopped", at.done, at.total))
