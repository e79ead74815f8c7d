"""What the commands share: the app, progress bars, JSON, and finding things by name."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

from alexcore.datasets.folder import OnProgress
from alexcore.datasets.sources import open_source
from alexcore.settings import get_process, get_run_roots
from alexcore.sources import find_source

if TYPE_CHECKING:
    from alexcore.inference.model import Inference, LoadedModel

app = typer.Typer(
    name="alexcore", help="Look inside AlexNet.", no_args_is_help=True, add_completion=False
)


console = Console(stderr=True, quiet=not get_process().is_first, markup=False)
"""Shows names and messages as they are, brackets and all."""

ModelName = Annotated[
    str,
    typer.Option(
        "--model", "--run",
        help="A run's name or folder, a weights file, untrained-half and the like, or imagenet.",
    ),
]  # fmt: skip
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Data = Annotated[
    str,
    typer.Option(
        help="creatures, creatures-large or creatures-hard, drawn here; a folder of pictures a "
        "class; or, downloaded, flowers (TensorFlow's photographs, CC BY 2.0, authors named in its "
        "LICENSE.txt), imagenette, flowers102, oxford-pets, cifar10."
    ),
]


def create_progress() -> Progress:
    """Return a progress bar with count, elapsed time and ETA, on standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )


@contextmanager
def progress_shown(title: str) -> Iterator[OnProgress]:
    """Yield the function that moves a bar to (done, total); it shows once that is called."""
    with create_progress() as progress:
        task = progress.add_task(title, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def print_json(value: Any) -> None:
    """Print a value to standard output; paths and the like as text."""
    typer.echo(json.dumps(value, indent=2, default=str))


def find_data(data: str) -> Path:
    """Return the folder meant by ``--data``; drawn or downloaded when it is not there."""
    with progress_shown(f"Preparing {data}") as on_progress:
        return open_source(data, on_progress)


def load_named_model(name: str) -> "LoadedModel":
    """Return the model meant by ``--model``, its weights downloaded if need be."""
    from alexcore.devices import select_device
    from alexcore.inference.model import load_model

    source = find_source(name, *get_run_roots())
    if source.download is not None and not source.download.is_here():
        with progress_shown(f"Downloading {source.name}") as on_progress:
            source.download.fetch(on_progress)
    return load_model(source, select_device())


def look_at(model: "LoadedModel", image: Path) -> "Inference":
    """Return what a model computes for a picture.

    Raises:
        ImageError: The file is missing, or no picture.
    """
    import threading

    from alexcore.images.decode import WHITE
    from alexcore.images.sandbox import prepare_picture
    from alexcore.inference.model import infer

    picture = prepare_picture(image, WHITE, model.source.preprocessing)
    return infer(model, picture, threading.Lock(), image.stem)
