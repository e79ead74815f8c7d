"""The command that names a net's units after the parts of drawn pictures."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import AsJson, app, load_named_model, print_json, progress_shown


@app.command()
def units(
    model: Annotated[str, typer.Argument(help="A run on a drawn set: its name or folder.")],
    layer: Annotated[str, typer.Option(help="Whose units are listed, conv1 to conv5.")] = "conv5",
    pictures: Annotated[
        int | None, typer.Option(min=10, help="Test pictures to look at; 200 by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name each unit after the part of drawn pictures it answers to, as network dissection does."""
    from alexcore.features.dissection import draw_test_pictures, find_units
    from alexcore.features.units import PICTURES, find_units_file, load_units, save_units

    loaded, count = load_named_model(model), pictures or PICTURES
    file = find_units_file(loaded.source, count)
    found = load_units(file)
    if found is None:
        with progress_shown("Drawing") as on_progress:
            paths = draw_test_pictures(loaded.source, count, on_progress)
        with progress_shown("Looking twice") as on_progress:
            found = find_units(loaded, paths, on_progress)
        save_units(file, found)
    if layer not in found.ious:
        raise typer.BadParameter(f"no layer {layer!r}; there are {', '.join(found.ious)}.")
    counts = {name: found.count_named(name) for name in found.ious}
    table = found.create_table(layer)
    if as_json:
        print_json({"named": counts, "layer": layer, "units": table.to_dict("records")})
        return
    shown = Table("channel", "part", "IoU", "second part", "its IoU")
    for row in table.itertuples(index=False):
        shown.add_row(str(row[0]), row[1], f"{row[2]:.3f}", row[3], f"{row[4]:.3f}")
    Console().print(shown)
    shown = Table("layer", "units", "named", "after")
    for name, named in counts.items():
        parts = ", ".join(f"{part} {n}" for part, n in named.items())
        shown.add_row(name, str(len(found.ious[name])), str(sum(named.values())), parts)
    Console().print(shown)
