"""The command that films what a run's net saw in a picture while it was trained."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from alexcore.cli.console import ModelName, app, load_named_model, look_at, progress_shown
from alexcore.errors import CheckpointError
from alexcore.files import replacing
from alexcore.settings import DEMO_RUN


@app.command()
def film(
    image: Annotated[Path, typer.Argument(help="A picture.")],
    model: ModelName = DEMO_RUN,
    layer: Annotated[str, typer.Option(help="A layer that gives maps.")] = "relu1",
    channel: Annotated[int, typer.Option(min=0, help="The channel that is drawn large.")] = 0,
    out: Annotated[Path, typer.Option(help="The GIF.", dir_okay=False)] = Path("film.gif"),
) -> None:
    """Film what a run's net saw in a picture at each epoch it kept, as an animated GIF."""
    from alexcore.reports.film import Scene, create_film, look_back
    from alexcore.training.moments import list_moments

    finished = look_at(load_named_model(model), image)
    run, maps = finished.model.source.run, finished.find(layer)
    if run is None:
        raise CheckpointError(f"{model} is no run; 'alexcore train --snapshots 10' makes one.")
    if maps.ndim != 3 or channel >= len(maps):
        raise typer.BadParameter(f"{layer} has no channel {channel} that is a map.")
    moments, seen = list_moments(run), {}
    try:
        with replacing(out) as partial:
            partial.touch()  # what cannot be written is known before the epochs are looked at
            with progress_shown("Looking with each epoch") as on_progress:
                for done, moment in enumerate(moments, start=1):
                    seen[moment] = look_back(finished, moment, nullcontext())
                    on_progress(done, len(moments))
            partial.write_bytes(create_film(Scene(finished, layer, channel), seen))
    except OSError as error:
        raise CheckpointError(f"cannot write {out}: {error}; --out names another file.") from error
    typer.echo(out)
