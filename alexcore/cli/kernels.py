"""The command that looks at the first layer's kernels: figures through time, and the wall."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import AsJson, app, load_named_model, print_json
from alexcore.errors import CheckpointError
from alexcore.settings import get_run_roots
from alexcore.sources import find_source

if TYPE_CHECKING:
    from torch import Tensor

    Kernels = dict[int | None, Tensor]
    """(C, 3, K, K) by epoch; None where nobody knows the epoch."""


@app.command()
def kernels(
    model: Annotated[
        str, typer.Argument(help="A run's name or folder, a weights file, or imagenet.")
    ],
    png: Annotated[Path | None, typer.Option(help="Write the wall of kernels here.")] = None,
    epoch: Annotated[
        int | None, typer.Option(help="The wall's epoch; the last by default.")
    ] = None,
    added: Annotated[
        bool, typer.Option("--added", help="The wall of what training added to the start.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how smooth conv1's kernels are, at each epoch that was kept, and draw them.

    The lag-1 autocorrelation says how alike neighbouring weights of a kernel are: about 0 for
    random kernels, about 0.9 in nets trained on ImageNet.
    """
    found = _load(model)
    if png is not None:
        _write_wall(found, png, epoch, added)
    rows = [_measure(found, at) for at in found]
    if as_json:
        print_json(rows)
        return
    table = Table("epoch", "median", "best tenth", "faint", "median of what training added")
    for row in rows:
        said = "–" if row["epoch"] is None else str(row["epoch"])
        figures = [f"{row[name]:z.2f}" for name in ("median", "best_tenth")]
        gain = "–" if row["added_median"] is None else f"{row['added_median']:z.2f}"
        table.add_row(said, *figures, f"{row['faint_share']:.0%}", gain)
    Console().print(table)


def _load(model: str) -> "Kernels":
    from alexcore.training.kernels import load_kernels
    from alexcore.weights.snapshots import find_kernels

    run = find_source(model, *get_run_roots()).run
    if run is not None:
        return dict(load_kernels(run).items())
    return {None: find_kernels(load_named_model(model).module.state_dict()).cpu()}


def _measure(found: "Kernels", epoch: int | None) -> dict[str, Any]:
    """Return the figures of one epoch, and of its difference to the start."""
    from alexcore.inspection.weight_statistics import compute_kernel_statistics

    gain = None
    if 0 in found and epoch != 0:
        gain = compute_kernel_statistics(found[epoch] - found[0]).median
    return {"epoch": epoch, **asdict(compute_kernel_statistics(found[epoch])), "added_median": gain}


def _write_wall(found: "Kernels", png: Path, epoch: int | None, added: bool) -> None:
    """Draw one epoch's kernels, or their difference to the start.

    Raises:
        CheckpointError: The epoch was not kept, or the start is not known.
    """
    from alexcore.figures.kernels import create_kernel_wall

    if epoch is None:
        epoch = list(found)[-1]
    if epoch not in found:
        kept = ", ".join(str(at) for at in found if at is not None) or "no epochs"
        raise CheckpointError(f"epoch {epoch} was not kept; there are {kept}.")
    if added and (0 not in found or epoch == 0):
        raise CheckpointError("nothing was added: --added needs a run and an epoch after 0.")
    shown = found[epoch] - found[0] if added else found[epoch]
    png.parent.mkdir(parents=True, exist_ok=True)
    create_kernel_wall(shown.numpy()).save(png, "PNG")
