"""Commands that train: one run, or every run of an experiment; and what ships a run."""

import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from alexcore.cli.console import (
    Data,
    app,
    console,
    create_progress,
    find_data,
)
from alexcore.cli.options import with_config_options, with_options
from alexcore.datasets.creatures import CREATURES
from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch
from alexcore.settings import get_cache_folder, get_process, get_run_roots, get_runs_folder
from alexcore.training.driver import Task, run_task
from alexcore.training.start import create_started_config


@dataclass(frozen=True, slots=True)
class Launch:
    """What a training takes beside the choices of its runs."""

    data: Data = "creatures"
    out: Annotated[Path | None, typer.Option(help="The run's folder, or that of the runs.")] = None
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto"
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write event files into the run directory.")
    ] = False
    snapshots: Annotated[
        int,
        typer.Option(
            help="Keep the convolutions at this many epochs, from the start to the last and denser "
            "early on, to look at through time; about 1 MB each for half, 4 for full. 0 for none."
        ),
    ] = 0

    def create_task(self, config: TrainConfig, folder: Path, resume: bool, experiment: str) -> Task:
        """Return one run of it."""
        return Task(
            config, self.data, folder, self.device, experiment, resume, self.tensorboard,
            self.snapshots,
        )  # fmt: skip


class _Stop:
    """Turns Ctrl-C and SIGTERM into a question the trainer asks after each step."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.asked = True
        console.print("Stopping after this step ...")

    def __call__(self) -> bool:
        return self.asked


def _train_one(task: Task, stop: _Stop) -> bool:
    """Train one run with a progress bar; False when it was stopped."""
    from alexcore.training.loop import TrainingHooks

    with create_progress() as progress:
        preparing = progress.add_task("Preparing pictures", visible=False)
        training = progress.add_task(task.folder.name, visible=False)

        def on_preparing(done: int, total: int) -> None:
            progress.update(preparing, completed=done, total=total, visible=done < total)

        def on_step(done: int, total: int, rate: float) -> None:
            name = f"{task.folder.name}  {rate:.0f} images/s"
            progress.update(training, description=name, completed=done, total=total, visible=True)

        def on_epoch(row: Epoch) -> None:
            rate = row.images_seen / row.seconds
            progress.console.print(
                f"epoch {row.epoch:3d}  train {row.train_loss:.4f} {row.train_accuracy:6.1%}  "
                f"validation {row.val_loss:.4f} {row.val_accuracy:6.1%}  {rate:.0f} images/s",
                highlight=False,
            )

        run = run_task(task, TrainingHooks(on_step, on_epoch, stop, on_preparing))
    if not run.finished:
        console.print(f"Stopped. Resume with --resume --out {task.folder}")
    return run.finished


@app.command()
@with_options
@with_config_options()
def train(
    launch: Launch,
    resume: Annotated[bool, typer.Option(help="Continue after the last whole epoch.")] = False,
    **changes: Any,
) -> None:
    """Train one model; Ctrl-C stops it, --resume continues it."""
    config = create_started_config(**changes)
    folder = launch.out or get_runs_folder() / _name_run(launch.data, config)
    if not _train_one(launch.create_task(config, folder, resume, ""), _Stop()):
        raise typer.Exit(130)
    if get_process().is_first:
        typer.echo(folder)


def _name_run(data: str, config: TrainConfig) -> Path:
    """Return where a run lies below the runs folder; names stay apart between data sets."""
    name = Path(data).name
    return Path(name) / (config.run_name if name == CREATURES else f"{name}-{config.run_name}")


@app.command()
@with_options
@with_config_options("model", "batch_size", "seed")
def experiment(
    launch: Launch,
    models: Annotated[str, typer.Option(help="Names, separated by commas.")] = "full,half",
    batch_sizes: Annotated[str, typer.Option(help="Numbers, separated by commas.")] = "8,16",
    seeds: Annotated[str, typer.Option(help="Numbers, separated by commas.")] = "0",
    **changes: Any,
) -> None:
    """Train every combination; started again, it resumes where it stopped."""
    from alexcore.runs.run import RESUME_FILE
    from alexcore.training.experiment import is_over, plan_experiment

    base = create_started_config(**changes)
    plans = plan_experiment(base, models.split(","), _numbers(batch_sizes), _numbers(seeds))
    stop = _Stop()
    for config in plans:
        place = _name_run(launch.data, config)
        folder = launch.out / place.name if launch.out else get_runs_folder() / place
        if is_over(folder):
            console.print(f"{folder.name} is done.")
        else:
            resume = (folder / RESUME_FILE).exists()
            task = launch.create_task(config, folder, resume, Path(launch.data).name)
            try:
                if not _train_one(task, stop):
                    raise typer.Exit(130)
            except TrainingError as error:
                if not is_over(folder):
                    raise
                console.print(f"{folder.name}: {error}")  # it diverged; the others go on
        if get_process().is_first:
            typer.echo(folder)


@app.command(hidden=True)
def job(
    folder: Annotated[Path, typer.Argument(help="A run directory with its job.json.")],
    runs: Annotated[Path, typer.Argument(help="The runs folder it lies in.")],
) -> None:
    """Train what a page asked for; the page starts this itself."""
    from alexcore.training.job import run_job

    run_job(runs, folder, _Stop())


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a list of whole numbers like 8,16.") from error


@app.command()
def ship(
    run: Annotated[str, typer.Argument(help="A finished run's name or folder.")],
    to: Annotated[Path, typer.Option(help="The folder for the copy.")],
    data: Data = "creatures",
    weights: Annotated[
        bool, typer.Option(help="Also the weights, in a sixth of the bytes.")
    ] = True,
    snapshots: Annotated[
        int | None,
        typer.Option(help="Epochs of those kept to ship with the weights; all by default."),
    ] = None,
) -> None:
    """Copy a run for others: its figures, and its weights made small, what that costs measured."""
    from alexcore.runs.run import find_run
    from alexcore.training.data import prepare_data
    from alexcore.training.publish import ship_figures, ship_weights

    found = find_run(run, *get_run_roots())
    target = to / found.name
    if not weights:
        ship_figures(found, target)
    else:
        pictures = prepare_data(
            find_data(data), replace(found.config, focus=0.0), get_cache_folder()
        )
        ship_weights(found, target, pictures, snapshots)
    typer.echo(target)
