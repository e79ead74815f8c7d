"""The command that asks where a net looks, on a drawn set's held-out pictures."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import (
    AsJson,
    app,
    find_data,
    load_named_model,
    print_json,
    progress_shown,
)
from alexcore.datasets.creatures import CREATURES, SETS
from alexcore.errors import DatasetError, ModelError
from alexcore.features.methods import METHODS, Method

if TYPE_CHECKING:
    from alexcore.features.focus import Focus


@app.command()
def focus(
    model: Annotated[
        str, typer.Argument(help="A run's name or folder, a weights file, or untrained-NAME.")
    ],
    data: Annotated[str, typer.Option(help="A drawn set; its validation side is asked.")] = (
        CREATURES
    ),
    methods: Annotated[
        str, typer.Option(help=f"By commas, of {', '.join(METHODS)}; or all.")
    ] = "Grad-CAM",
    pictures: Annotated[
        int, typer.Option(min=1, help="Of the validation side at most so many, spread evenly.")
    ] = 100,
    as_json: AsJson = False,
) -> None:
    """Measure how much of what speaks for a picture's class lies on the creature, and is meant.

    Deletion is the area below the class's probability while pixels turn grey, the hottest first:
    the lower the better. Insertion is that area while they come back into a blurred picture.
    """
    if data not in SETS:
        raise DatasetError(f"masks are known of {', '.join(SETS)} alone, not of {data!r}.")
    chosen = _read_methods(methods)
    from alexcore.features.focus import measure_focus, pick_evenly
    from alexcore.retrieval.pictures import list_queries

    loaded = load_named_model(model)
    held_out = pick_evenly(list_queries(find_data(data), loaded.source.split_rule), pictures)
    found: list[Focus] = []
    for method in chosen:
        with progress_shown(method) as on_progress:
            try:
                found.append(measure_focus(loaded, held_out, data, method, on_progress))
            except ModelError as error:
                typer.echo(str(error), err=True)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    table = Table("method", "on the creature", "deletion", "insertion")
    for each in found:
        table.add_row(
            each.method, f"{each.share:.0%}", f"{each.deletion:.3f}", f"{each.insertion:.3f}"
        )
    Console().print(table)
    if found:
        typer.echo(
            f"{loaded.source.name} on {found[0].pictures:,} validation pictures of {data}; the "
            f"creature covers {found[0].area:.0%} of a picture."
        )


def _read_methods(text: str) -> tuple[Method, ...]:
    """Return the methods that an option names.

    Raises:
        BadParameter: There is no such method.
    """
    if text == "all":
        return tuple(METHODS)
    wanted = {name.strip() for name in text.split(",")}
    if strange := wanted - METHODS.keys():
        raise typer.BadParameter(
            f"no method {', '.join(sorted(strange))}; there are {', '.join(METHODS)}, or all."
        )
    return tuple(method for method in METHODS if method in wanted)
