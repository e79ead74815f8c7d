"""The command that compares the layers of two nets."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import AsJson, app, load_named_model, print_json, progress_shown
from alexcore.files import write_text


@app.command()
def similarity(
    left: Annotated[
        str, typer.Argument(help="A run's name or folder, a weights file, or imagenet.")
    ],
    right: Annotated[str, typer.Argument(help="Another one.")],
    csv: Annotated[Path | None, typer.Option(help="Write the matrix here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say how alike the layers of two nets are, by linear CKA over pictures held out of LEFT."""
    from alexcore.features.cka import choose_pictures, compare_layers, compute_grams, find_pictures

    models = [load_named_model(name) for name in (left, right)]
    with progress_shown(f"Listing {find_pictures(models[0].source)}") as on_progress:
        pictures = choose_pictures(models[0].source, on_progress)
    grams = []
    for model in models:
        with progress_shown(f"Looking with {model.source.name}") as on_progress:
            grams.append(compute_grams(model, pictures, on_progress))
    found = compare_layers(*grams)
    if csv is not None:
        write_text(csv, found.to_csv())
    best = found.values.argmax(1)
    if as_json:
        print_json({
            "left": found.left, "right": found.right, "pictures": found.pictures,
            "values": found.values.tolist(),
        })  # fmt: skip
        return
    table = Table(models[0].source.name, f"most like, in {models[1].source.name}", "CKA")
    for row, (label, column) in enumerate(zip(found.left, best, strict=True)):
        table.add_row(label, found.right[column], f"{found.values[row, column]:.2f}")
    Console().print(table)
