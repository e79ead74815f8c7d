"""The command that asks where a net looks, on a drawn set's held-out pictures."""

from dataclasses import asdict
from typing import Annotated

import typer

from alexcore.cli.console import (
    AsJson,
    app,
    find_data,
    load_named_model,
    print_json,
    progress_shown,
)
from alexcore.datasets.creatures import CREATURES, SETS
from alexcore.errors import DatasetError


@app.command()
def focus(
    model: Annotated[
        str, typer.Argument(help="A run's name or folder, a weights file, or untrained-NAME.")
    ],
    data: Annotated[str, typer.Option(help="A drawn set; its validation side is asked.")] = (
        CREATURES
    ),
    as_json: AsJson = False,
) -> None:
    """Measure how much of what speaks for a picture's class, by Grad-CAM, lies on the creature."""
    if data not in SETS:
        raise DatasetError(f"masks are known of {', '.join(SETS)} alone, not of {data!r}.")
    from alexcore.features.focus import measure_focus
    from alexcore.retrieval.pictures import list_queries

    loaded = load_named_model(model)
    held_out = list_queries(find_data(data), loaded.source.split_rule)
    with progress_shown("Looking") as on_progress:
        found = measure_focus(loaded, held_out, data, on_progress)
    if as_json:
        print_json(asdict(found))
        return
    typer.echo(
        f"{loaded.source.name}: {found.share:.0%} of the positive heatmap lies on the creature, "
        f"which covers {found.area:.0%} of the picture; {found.pictures:,} pictures."
    )
