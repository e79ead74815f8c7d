"""The command that takes channels away."""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import (
    AsJson,
    ModelName,
    app,
    load_named_model,
    look_at,
    print_json,
    progress_shown,
)
from alexcore.cli.options import with_options
from alexcore.settings import DEMO_RUN

if TYPE_CHECKING:
    from alexcore.features.ablation import Change


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a net."""

    model: ModelName = DEMO_RUN
    layer: Annotated[str, typer.Option(help="A layer or node.")] = "relu5"
    channels: Annotated[
        str, typer.Option(help="Channels to change together, by commas; none for a ranking alone.")
    ] = ""
    factor: Annotated[
        float, typer.Option(help="What a channel's cells are multiplied by; 0 takes it away.")
    ] = 0.0
    label: Annotated[
        str | None, typer.Option("--class", help="By name; the likeliest by default.")
    ] = None

    def list_changes(self) -> "dict[int, Change]":
        """Return what becomes of the channels that are changed together."""
        from alexcore.features.ablation import Change

        try:
            return {int(n): Change(self.factor) for n in self.channels.split(",") if n}
        except ValueError as error:
            raise typer.BadParameter(f"channels are numbers, got {self.channels!r}.") from error


@app.command()
@with_options
def ablate(
    image: Annotated[Path, typer.Argument(help="A picture.")],
    question: Question,
    top: Annotated[int, typer.Option(min=1, help="How many channels of the ranking.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Take a layer's channels away, alone and together, and see what the net then says."""
    import numpy as np

    from alexcore.features.ablation import Change, change_channels, rank_channels, to_probabilities

    inference, lock = look_at(load_named_model(question.model), image), threading.Lock()
    classes, node = inference.model.classes, inference.model.find_node(question.layer)
    name = question.label or inference.predictions[0].label
    if name not in classes:
        raise typer.BadParameter(f"no class {name!r}; there are {', '.join(classes)}.")
    together = change_channels(inference, node, question.list_changes(), lock)
    every = dict.fromkeys(range(len(inference.activations[node])), Change(question.factor))
    with progress_shown(f"Each channel of {question.layer}") as on_progress:
        effects = rank_channels(inference, node, every, lock, on_progress)
    logits, shares = (
        measure(classes.index(name)) for measure in (effects.on_logit, effects.on_probability)
    )
    order = effects.rank(classes.index(name), top).tolist()
    before, after = to_probabilities(effects.before), to_probabilities(together)
    if as_json:
        print_json({
            "class": name,
            "before": dict(zip(classes, before.tolist(), strict=True)),
            "after": dict(zip(classes, after.tolist(), strict=True)),
            "channels": [
                {"channel": n, "logit": float(logits[n]), "probability": float(shares[n])}
                for n in order
            ],
        })  # fmt: skip
        return
    if question.channels:
        table = Table("class", "before", f"{question.channels} times {question.factor:g}")
        for n in np.argsort(-before, kind="stable")[:5].tolist():
            table.add_row(classes[n], f"{before[n]:.1%}", f"{after[n]:.1%}")
        Console().print(table)
    table = Table("channel", f"the logit of {name} falls by", "its probability by, points")
    for n in order:
        table.add_row(str(n), f"{logits[n]:+.4g}", f"{100 * shares[n]:+.3g}")
    Console().print(table)
