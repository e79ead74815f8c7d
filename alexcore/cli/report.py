"""Commands that write what one sees as files to send: one report, or a site of them."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alexcore.cli.console import Data, app, look_at, progress_shown
from alexcore.cli.options import with_options
from alexcore.cli.retrieval import OpenedGallery, TrainingGallery
from alexcore.errors import CheckpointError
from alexcore.files import compute_digest, write_text
from alexcore.settings import SAMPLE_IMAGES, SHIPPED_RUNS

if TYPE_CHECKING:
    from alexcore.reports.html import Subject
    from alexcore.sources import ModelSource


@app.command()
@with_options
def report(
    image: Annotated[Path, typer.Option(help="A picture.")],
    gallery: TrainingGallery,
    out: Annotated[
        Path | None, typer.Option(help="The file; named by model and picture by default.")
    ] = None,
) -> None:
    """Write what a model sees in a picture as one HTML file, which needs no network."""
    from alexcore.reports.html import write_report

    opened = gallery.open()
    path = out or Path(f"inside-alexnet-{opened.model.source.name}-{image.stem}.html")
    try:
        write_text(path, write_report(_look(opened, image)))
    except OSError as error:
        raise CheckpointError(f"cannot write {path}: {error}.") from error
    typer.echo(path)


@app.command()
def export_site(
    folder: Annotated[Path, typer.Argument(help="Where to; made where it is missing.")],
    data: Data = "creatures",
) -> None:
    """Write the reports of all shipped nets and sample pictures as a site of static files.

    Neighbours are looked for among the training pictures of --data, embedded if need be.
    """
    from alexcore.reports.site import write_site
    from alexcore.retrieval.build import build_gallery
    from alexcore.runs.run import list_runs
    from alexcore.sources import create_run_source

    def look(source: "ModelSource") -> "Callable[[str], Subject]":
        opened = TrainingGallery(data, source.name).open()
        embedder = opened.model.create_embedder(opened.store.key.node)
        with progress_shown(f"Embedding for {source.name}") as on_progress:
            listing = opened.pictures.open(source.split_rule, on_progress)
            build_gallery(opened.store, listing, embedder, on_progress)
        return lambda name: _look(opened, SAMPLE_IMAGES / f"{name}.png")

    sources = [create_run_source(run) for run in list_runs(SHIPPED_RUNS)[0] if run.has_weights]
    pictures = {path.stem: path.read_bytes() for path in sorted(SAMPLE_IMAGES.glob("*.png"))}
    try:
        typer.echo(write_site(folder, sources, pictures, look))
    except OSError as error:
        raise CheckpointError(f"cannot write into {folder}: {error}.") from error


def _look(opened: OpenedGallery, image: Path) -> "Subject":
    from alexcore.reports.html import Subject
    from alexcore.retrieval.gallery import Gallery

    return Subject(
        look_at(opened.model, image),
        compute_digest(image),
        lambda: Gallery(opened.store, opened.model.device),
        threading.Lock(),
    )
