"""The command that shows how one number of a net comes about."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import AsJson, ModelName, app, load_named_model, look_at, print_json
from alexcore.cli.options import with_options
from alexcore.settings import DEMO_RUN

if TYPE_CHECKING:
    from alexcore.features.windows import Place
    from alexcore.inference.model import Inference


@dataclass(frozen=True, slots=True)
class Cell:
    """Which number is meant."""

    model: ModelName = DEMO_RUN
    layer: Annotated[str, typer.Option(help="A layer or node.")] = "fc8"
    channel: Annotated[
        int | None, typer.Option(min=0, help="Or unit; by default the strongest.")
    ] = None
    cell: Annotated[
        str, typer.Option(help="ROW,COLUMN, from 0 on; by default the channel's strongest.")
    ] = ""

    def find(self, inference: "Inference") -> "Place":
        """Return the place in a net."""
        from alexcore.features.windows import Place, read_value

        node = inference.model.find_node(self.layer)
        maps = inference.activations[node]
        channel = self.channel
        if channel is None:
            channel = int(maps.reshape(len(maps), -1).max(1).argmax())
        read_value(inference, Place(node, channel))
        row, column = divmod(int(maps[channel].argmax()), maps.shape[-1] if maps.ndim == 3 else 1)
        if self.cell:
            try:
                row, column = map(int, self.cell.split(","))
            except ValueError as error:
                raise typer.BadParameter(f"a cell is ROW,COLUMN, got {self.cell!r}.") from error
        return Place(node, channel, row, column)


@app.command()
@with_options
def explain(
    image: Annotated[Path, typer.Argument(help="A picture.")],
    cell: Cell,
    top: Annotated[int, typer.Option(min=1, help="How many of what it was made of.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show how one number of a net comes about, and which cells it was made of."""
    from alexcore.features.arithmetic import explain_activation
    from alexcore.features.formula import describe_arithmetic, name_place

    inference = look_at(load_named_model(cell.model), image)
    model = inference.model
    found = explain_activation(inference, cell.find(inference))
    parts = [
        (int(found.window.channels[term]), float(found.terms[term]), found.find_source(int(term)))
        for term in found.rank(top)
    ]
    if as_json:
        print_json({
            "place": name_place(inference, found.place), "kind": found.kind, "bias": found.bias,
            "total": found.total, "recorded": found.value,
            "then": {model.names[node]: value for node, value in found.then},
            "terms": [
                {"channel": channel, "term": term,
                 "from": source and {"layer": model.names[source.node], "channel": source.channel,
                                     "cell": [source.row, source.column]}}
                for channel, term, source in parts
            ],
        })  # fmt: skip
        return
    typer.echo(describe_arithmetic(inference, found))
    table = Table("channel", "gives", "most of it from")
    for channel, term, source in parts:
        table.add_row(str(channel), f"{term:+.4g}", name_place(inference, source) if source else "")
    Console().print(table)
