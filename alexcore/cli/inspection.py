"""Commands that look: the variants, their layers, feature maps of a picture, the demo set."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import (
    AsJson,
    ModelName,
    app,
    find_data,
    load_named_model,
    look_at,
    print_json,
    progress_shown,
)
from alexcore.cli.options import with_options
from alexcore.datasets.creatures import (
    CREATURES,
    create_creatures,
    create_samples,
    create_sheet,
    find_set,
)
from alexcore.files import replacing
from alexcore.models import list_models
from alexcore.runs.run import find_run
from alexcore.settings import (
    DEMO_RUN,
    SAMPLE_IMAGES,
    get_creatures_folder,
    get_galleries_uri,
    get_run_roots,
)
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.inspection.trace import Trace


@app.command()
def models(as_json: AsJson = False) -> None:
    """List the variants."""
    if as_json:
        print_json([asdict(spec) for spec in list_models()])
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
    name: Annotated[
        str, typer.Option("--set", help="creatures, creatures-large or creatures-hard.")
    ] = CREATURES,
    test: Annotated[bool, typer.Option("--test", help="Draw its test side instead.")] = False,
    samples: Annotated[bool, typer.Option(help="Draw the sample pictures instead.")] = False,
    sheet: Annotated[
        Path | None, typer.Option(help="Instead, a picture of all sets with their masks' outlines.")
    ] = None,
) -> None:
    """Draw a set of creatures, by default the demo set; a drawing cut short goes on."""
    if sheet is not None:
        with progress_shown("Drawing a sheet") as on_progress, replacing(sheet) as partial:
            create_sheet(on_progress=on_progress).save(partial, "PNG")
        typer.echo(sheet)
        return
    if samples:
        for path in create_samples(out or SAMPLE_IMAGES):
            typer.echo(path)
        return
    side = find_set(name).name + ("-test" if test else "")
    with progress_shown(f"Drawing {side}") as on_progress:
        folder = out or get_creatures_folder(side)
        typer.echo(create_creatures(folder, on_progress=on_progress, set=name, test=test))


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a variant leaves open; None is its own."""

    input_size: Annotated[int | None, typer.Option(help="Side of the input in pixels.")] = None
    batch: Annotated[
        int | None, typer.Option(min=1, help="Pictures at once; 4 with --walk, else 1.")
    ] = None
    classes: Annotated[int | None, typer.Option(min=1)] = None
    hidden: Annotated[int | None, typer.Option(min=1)] = None


@app.command()
@with_options
def inspect(
    name: Annotated[str, typer.Argument(help="Which net.")],
    sizes: Sizes,
    compare: Annotated[str | None, typer.Option(help="Another net to hold beside it.")] = None,
    walk: Annotated[bool, typer.Option("--walk", help="The shape after every layer.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show shape, parameters, mult-adds and receptive field of every layer.

    NAME and --compare take a variant from 'models', a run's name or folder, a weights file,
    imagenet, or one of torchvision's networks such as resnet18. Classes and hidden width hold for
    variants; the others keep theirs.
    """
    from alexcore.inspection.nets import find_net, trace_net
    from alexcore.inspection.tables import describe_zeros, format_sides

    if walk and compare is not None:
        raise typer.BadParameter("--walk follows one net; leave out --compare, or --walk.")
    nets = [
        find_net(net, get_run_roots(), sizes.classes, sizes.hidden)
        for net in (name, compare)
        if net is not None
    ]
    batch = sizes.batch or (4 if walk else 1)
    trace, *others = [trace_net(net, sizes.input_size, batch) for net in nets]
    if walk:
        _walk(trace, as_json)
        return
    if others:
        _compare(trace, others[0], as_json)
        return
    if as_json:
        print_json(
            {
                "name": trace.name,
                "input_shape": trace.input_shape,
                "params": trace.params,
                "mult_adds": trace.mult_adds,
                "layers": [asdict(layer) for layer in trace.layers],
            }
        )
        return
    table = Table("layer", "module", "output", "parameters", "mult-adds", "field", "jump")
    for layer in trace.layers:
        table.add_row(
            layer.label,
            layer.node,
            " × ".join(map(str, layer.out_shape)),
            f"{layer.params:,}",
            f"{layer.mult_adds:,}",
            str(layer.receptive_field.field) if layer.receptive_field else "",
            str(layer.receptive_field.jump) if layer.receptive_field else "",
        )
    table.add_section()
    table.add_row("total", "", "", f"{trace.params:,}", f"{trace.mult_adds:,}", "", "")
    Console().print(table)
    if isinstance(nets[0], ModelSource):
        typer.echo(f"sides at {trace.input_shape[-1]}: {format_sides(trace)}")
        typer.echo(describe_zeros(trace))


def _walk(trace: "Trace", as_json: bool) -> None:
    """Print the shape after every layer, as the first article does."""
    from alexcore.inspection.tables import format_walk

    if as_json:
        steps = [
            {"module": layer.node, "layer": layer.text, "shape": layer.out_shape}
            for layer in trace.layers
        ]
        print_json({"name": trace.name, "input_shape": trace.input_shape, "walk": steps})
        return
    typer.echo(format_walk(trace))


def _compare(left: "Trace", right: "Trace", as_json: bool) -> None:
    """Print two nets side by side, the rows that differ in bold."""
    from alexcore.inspection.compare import compare_traces
    from alexcore.inspection.tables import format_shape

    found = compare_traces(left, right)
    if as_json:
        print_json(
            {
                "left": left.name,
                "right": right.name,
                "totals": [asdict(total) | {"ratio": total.ratio} for total in found.totals],
                "layers": [
                    {"label": pair.label, "changed": sorted(pair.changed)} | asdict(pair)
                    for pair in found.pairs
                ],
            }
        )
        return
    table = Table("layer", left.name, right.name, "parameters", "", "mult-adds", "")
    for pair in found.pairs:
        sides = (pair.left, pair.right)
        shapes = [format_shape(layer.out_shape[1:]) if layer else "–" for layer in sides]
        params = [f"{layer.params:,}" if layer else "–" for layer in sides]
        costs = [f"{layer.mult_adds:,}" if layer else "–" for layer in sides]
        style = "bold" if pair.changed else "dim"
        table.add_row(pair.label, *shapes, *params, *costs, style=style)
    Console().print(table)
    for total in found.totals:
        typer.echo(f"{total.name}: {total.left:,} and {total.right:,}, ratio {total.ratio:.3f}")


@app.command()
def features(
    image: Annotated[Path, typer.Argument(help="A picture.")],
    model: ModelName = DEMO_RUN,
    nodes: Annotated[str, typer.Option(help="Layers or nodes, by commas.")] = "conv1,conv2,conv5",
    out: Annotated[Path, typer.Option(help="Folder for the sprites and the arrays.")] = Path(
        "features"
    ),
) -> None:
    """Write what each layer sees in a picture: one sprite a layer and all values as NPZ."""
    import numpy as np

    from alexcore.figures.sprites import ColourScale, create_sprite, encode_png, plan_grid

    inference = look_at(load_named_model(model), image)
    arrays = {name: inference.find(name) for name in nodes.split(",")}
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / f"{image.stem}.npz", allow_pickle=False, **arrays)
    typer.echo(out / f"{image.stem}.npz")
    for name, array in arrays.items():
        if array.ndim == 3:
            grid = plan_grid(len(array), array.shape[1])
            sprite = create_sprite(array, grid, ColourScale(bool(array.min() < 0)))
            path = out / f"{image.stem}-{name}.png"
            path.write_bytes(encode_png(sprite))
            typer.echo(path)


@app.command()
def preview(
    run: Annotated[str, typer.Argument(help="A run's name or folder.")],
    picture: Annotated[Path, typer.Option()] = SAMPLE_IMAGES / "sprig.png",
    data: Annotated[str, typer.Option()] = "creatures",
) -> None:
    """Compute the preview of a run that the Overview shows."""
    from alexcore.reports.preview import create_preview

    found = find_run(run, *get_run_roots())
    create_preview(found, picture, find_data(data), get_galleries_uri())
    typer.echo(found.folder / "preview")
