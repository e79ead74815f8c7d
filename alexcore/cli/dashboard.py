"""The command that shows the dashboard in a browser."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from alexcore.cli.console import app, console
from alexcore.cli.options import with_options
from alexcore.datasets.sources import holds_pictures
from alexcore.errors import CheckpointError
from alexcore.runs.run import RUN_FILE, list_runs
from alexcore.settings import (
    get_data_folder,
    get_first_model,
    get_opened_folder,
    get_picture_roots,
    get_run_roots,
    get_runs_folder,
    is_read_only,
    override,
)
from alexcore.sources import list_sources

_WHAT = "a folder of pictures, a run's folder or a weights file"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server listens."""

    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Where to listen; a free one from 8501 on by default."),
    ] = None
    address: Annotated[
        str | None,
        typer.Option(help="Whom to listen to; 0.0.0.0 is everybody, this machine by default."),
    ] = None


@app.command()
@with_options
def dashboard(
    endpoint: Endpoint,
    what: Annotated[
        Path | None, typer.Argument(help=f"What to look into: {_WHAT}.", show_default=False)
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Switch off whatever writes, for a public audience.")
    ] = False,
    pictures: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of picture folders the pages may use; can be given again."),
    ] = None,
    runs: Annotated[Path | None, typer.Option(help="The folder of runs trained here.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="The model the pages begin with, by its name in their picker."),
    ] = None,
    open: Annotated[
        bool | None,
        typer.Option(help="Open it in the browser; by default where there is a screen."),
    ] = None,
) -> None:
    """Show the dashboard; Ctrl-C ends it."""
    override(runs, pictures or (), read_only, model)
    page = "" if what is None else _open(what)
    if model is not None or what is not None:
        _require_model(get_first_model())
    from alexcore.dashboard.server import serve

    serve(endpoint.port, endpoint.address, open, _announce, page)


def _open(what: Path) -> str:
    """Let the pages begin with a folder, a run or a file; return the page that shows it."""
    if what.is_file():
        override(model=str(what.resolve()))
        return "feature_maps"
    if (what / RUN_FILE).is_file():
        override(what.resolve().parent, model=what.resolve().name)
        return "feature_maps"
    if what.is_dir() and holds_pictures(what):
        override(folder=what)
        return "retrieval"
    raise CheckpointError(f"cannot look into {what}: it is not {_WHAT}.")


def _require_model(name: str) -> None:
    names = list_sources(list_runs(*get_run_roots())[0])
    if name not in names and not Path(name).is_file():
        raise CheckpointError(f"no model {name!r} to begin with; there are {', '.join(names)}.")


def _announce(url: str) -> None:
    """Say where the dashboard is, and where it reads and writes."""
    lines = {
        "Inside AlexNet": url,
        "model": get_first_model(),
        "runs": str(get_runs_folder().resolve()),
        "data": str(get_data_folder().resolve()),
        "folder": str(get_opened_folder() or ""),
        "pictures": ", ".join(str(root.resolve()) for root in get_picture_roots()),
        "writing": "switched off" if is_read_only() else "",
    }
    for title, what in lines.items():
        if what:
            console.print(f"{title:>14}  {what}", highlight=False, soft_wrap=True)
