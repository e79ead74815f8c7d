"""``python -m alexcore``: the work of the dashboard without a browser."""

import json
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from alexcore.datasets.creatures import create_creatures
from alexcore.errors import AlexcoreError
from alexcore.models import list_models
from alexcore.paths import get_cache_folder, get_creatures_folder, get_runs_folder
from alexcore.training.config import TrainConfig, create_config

app = typer.Typer(
    name="alexcore", help="Look inside AlexNet.", no_args_is_help=True, add_completion=False
)
console = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Data = Annotated[
    str, typer.Option(help="'creatures', the drawn demo set, or a folder of pictures a class.")
]
Resume = Annotated[bool, typer.Option(help="Go on from the last whole epoch.")]


def main() -> None:
    """Run the command line; an error that says what to do is printed, not raised."""
    try:
        app()
    except AlexcoreError as error:
        console.print(f"[bold red]Error[/]: {error}", highlight=False)
        raise SystemExit(1) from error


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, default=str))


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the variants."""
    if as_json:
        _print_json([asdict(spec) for spec in list_models()])
        return
    table = Table("name", "input", "hidden", "classes", "what it is")
    for spec in list_models():
        table.add_row(
            spec.name, str(spec.input_size), str(spec.hidden), str(spec.num_classes), spec.summary
        )
    Console().print(table)


@app.command("demo-data")
def demo_data(
    out: Annotated[Path | None, typer.Option(help="Where to; a folder a species.")] = None,
) -> None:
    """Draw the demo set 'creatures': five species, 200 pictures each."""
    typer.echo(_draw_creatures(out or get_creatures_folder()))


def _draw_creatures(folder: Path) -> Path:
    with _progress() as progress:
        task = progress.add_task("Drawing creatures")
        return create_creatures(
            folder, on_progress=lambda done, total: progress.update(task, completed=done, total=total)
        )


def _find_data(data: str) -> Path:
    return _draw_creatures(get_creatures_folder()) if data == "creatures" else Path(data)


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


def _train_one(
    config: TrainConfig, root: Path, folder: Path, experiment: str, resume: bool, stop: _Stop
) -> bool:
    """Train one run with a progress bar; False when it was stopped."""
    from alexcore.training.data import prepare_data
    from alexcore.training.history import EpochRow
    from alexcore.training.trainer import TrainingHooks, train

    with _progress() as progress:
        decode = progress.add_task("Reading pictures")
        data = prepare_data(
            root,
            config,
            get_cache_folder(),
            lambda done, total: progress.update(decode, completed=done, total=total),
        )
        progress.update(decode, visible=False)
        task = progress.add_task(folder.name)

        def on_step(epoch: int, step: int, steps: int) -> None:
            progress.update(task, completed=(epoch - 1) * steps + step, total=config.epochs * steps)

        def on_epoch(row: EpochRow) -> None:
            rate = row.images_seen / row.seconds
            progress.console.print(
                f"epoch {row.epoch:3d}  train {row.train_loss:.4f} {row.train_accuracy:6.1%}  "
                f"validation {row.val_loss:.4f} {row.val_accuracy:6.1%}  {rate:.0f} images/s",
                highlight=False,
            )

        hooks = TrainingHooks(on_step, on_epoch, stop)
        run = train(config, data, folder, experiment=experiment, resume=resume, hooks=hooks)
    if not run.finished:
        console.print(f"Stopped. Go on with --resume --out {folder}")
    return run.finished


@app.command()
def train(
    model: Annotated[str, typer.Option(help="A name from 'models'.")] = "half",
    data: Data = "creatures",
    batch_size: Annotated[int | None, typer.Option()] = None,
    epochs: Annotated[int | None, typer.Option()] = None,
    recipe: Annotated[str, typer.Option(help="article, paper2012 or quick.")] = "article",
    lr: Annotated[float | None, typer.Option()] = None,
    lr_after: Annotated[float | None, typer.Option(help="Learning rate after the drop.")] = None,
    lr_drop_epoch: Annotated[int | None, typer.Option(help="Last epoch before it.")] = None,
    momentum: Annotated[float | None, typer.Option()] = None,
    weight_decay: Annotated[float | None, typer.Option()] = None,
    flip: Annotated[bool | None, typer.Option(help="Mirror pictures at random.")] = None,
    colour_noise: Annotated[float | None, typer.Option(help="PCA colour, 0.1 in the paper.")] = None,
    hidden: Annotated[int | None, typer.Option()] = None,
    dropout: Annotated[float | None, typer.Option()] = None,
    crop: Annotated[int | None, typer.Option()] = None,
    resize: Annotated[int | None, typer.Option()] = None,
    validation_share: Annotated[float | None, typer.Option()] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    precision: Annotated[str | None, typer.Option(help="32-true, bf16-mixed or 16-mixed.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run directory.")] = None,
    resume: Resume = False,
) -> None:
    """Train one model; Ctrl-C stops it, --resume goes on."""
    config = create_config(
        recipe,
        model=model,
        batch_size=batch_size,
        epochs=epochs,
        lr=lr,
        lr_after=lr_after,
        lr_drop_epoch=lr_drop_epoch,
        momentum=momentum,
        weight_decay=weight_decay,
        flip=flip,
        colour_noise=colour_noise,
        hidden=hidden,
        dropout=dropout,
        crop=crop,
        resize=resize,
        validation_share=validation_share,
        seed=seed,
        precision=precision,
    )
    root = _find_data(data)
    folder = out or get_runs_folder() / root.name / config.run_name
    if not _train_one(config, root, folder, "", resume, _Stop()):
        raise typer.Exit(130)
    typer.echo(folder)


@app.command()
def experiment(
    data: Data = "creatures",
    models: Annotated[str, typer.Option(help="Names, separated by commas.")] = "full,half",
    batch_sizes: Annotated[str, typer.Option(help="Numbers, separated by commas.")] = "8,16",
    seeds: Annotated[str, typer.Option(help="Numbers, separated by commas.")] = "0",
    epochs: Annotated[int | None, typer.Option()] = None,
    recipe: Annotated[str, typer.Option()] = "article",
    out: Annotated[Path | None, typer.Option(help="The folder for the runs.")] = None,
) -> None:
    """Train every combination; started again, it goes on where it stopped."""
    from alexcore.checkpoints import RESUME_FILE
    from alexcore.training.experiment import is_finished, plan_experiment

    root = _find_data(data)
    base = create_config(recipe, epochs=epochs)
    plans = plan_experiment(base, models.split(","), _numbers(batch_sizes), _numbers(seeds))
    stop = _Stop()
    for config in plans:
        folder = (out or get_runs_folder() / root.name) / config.run_name
        if is_finished(folder):
            console.print(f"{folder.name} is done.")
        else:
            resume = (folder / RESUME_FILE).exists()
            if not _train_one(config, root, folder, root.name, resume, stop):
                raise typer.Exit(130)
        typer.echo(folder)


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a list of whole numbers like 8,16.") from error
