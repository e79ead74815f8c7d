"""Commands about the installation: what is here and why, and what may go."""

import os
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from platform import platform, python_version
from typing import Annotated, get_args

import typer
from rich.filesize import decimal

from alexcore import __version__
from alexcore.cli.console import AsJson, app, print_json
from alexcore.extras import FEATURES, Extra, describe_install, has_extra
from alexcore.runs.run import list_runs
from alexcore.settings import (
    INSTALLED,
    get_data_folder,
    get_first_model,
    get_galleries_uri,
    get_picture_roots,
    get_run_roots,
    get_runs_folder,
    is_read_only,
)

_PACKAGES = ("torch", "torchvision", "streamlit", "plotly")
_MADE_AGAIN = {
    "cache": "pictures decoded for training",
    "top_images": "the strongest pictures of each channel",
    "units": "the part that each channel answers to",
    "creatures-*": "drawn sets",
    "digests-*.json": "digests of files",
    "perceptual-*.json": "digests that find near copies",
    "galleries": "embedded pictures",
    "downloads": "downloaded sets",
}
"""What may lie in the data folder, cheapest to make again first."""


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, what computes and why, where things lie, and what is missing."""
    report = {
        "Installed": _list_versions(),
        "Computing": _describe_computing(),
        "Folders": _describe_folders(),
        "Extras": {name: _describe_extra(name) for name in get_args(Extra)},
    }
    if as_json:
        print_json(report)
        return
    for title, lines in report.items():
        typer.secho(title, bold=True)
        for name, what in lines.items():
            typer.echo(f"  {name:<12} {what}")


@app.command()
def clean(
    names: Annotated[
        list[str] | None, typer.Argument(help="What to remove of what is listed; all by default.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it without asking.")] = False,
) -> None:
    """List what can be made again, with its size, and remove it; runs are never touched."""
    found = {path.name: (path, what) for path, what in _list_made_again()}
    for name in names or ():
        if name not in found:
            raise typer.BadParameter(f"no {name!r}; there is {', '.join(found) or 'nothing'}.")
    chosen = {name: found[name] for name in names or found}
    if not chosen:
        typer.echo(f"There is nothing to remove in {get_data_folder()}.")
        return
    sizes = {name: _measure(path) for name, (path, _) in chosen.items()}
    for name, (path, what) in chosen.items():
        typer.echo(f"{decimal(sizes[name]):>10}  {path}  {what}")
    total = decimal(sum(sizes.values()))
    if not (yes or typer.confirm(f"Remove {total}?")):
        return
    for path, _ in chosen.values():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    typer.echo(f"Removed {total}.")


def _list_versions() -> dict[str, str]:
    where = "" if INSTALLED else f" in {Path(__file__).parents[2]}"
    ours = {"alexcore": __version__ + where, "Python": f"{python_version()} on {platform()}"}
    return ours | {name: version(name) for name in _PACKAGES}


def _describe_computing() -> dict[str, str]:
    from alexcore.devices import describe_device, select_device
    from alexcore.training.precision import has_fast_bf16
    from alexcore.weights.imagenet import find_imagenet_file

    device = select_device()
    fast = has_fast_bf16(device)
    return {
        "device": describe_device(device),
        "precision": "training in bf16-mixed, which this device multiplies in hardware"
        if fast
        else "training in 32-true: this device does not multiply bfloat16 in hardware",
        "model": f"{get_first_model()}, with which the pages begin",
        "ImageNet": f"weights in {find_imagenet_file()}"
        if find_imagenet_file().is_file()
        else "weights are not here; they are downloaded when first wanted",
    }


def _describe_folders() -> dict[str, str]:
    runs, damaged = list_runs(*get_run_roots())
    folders = {"data": get_data_folder(), "runs": get_runs_folder()}
    found = {name: f"{path.resolve()}, {decimal(_measure(path))}" for name, path in folders.items()}
    found["galleries"] = get_galleries_uri()
    roots = [str(root.resolve()) for root in get_picture_roots() if root.is_dir()]
    found["pictures"] = ", ".join(roots) or "none; name a folder with --pictures"
    found["models"] = f"{len(runs)} runs" + (f", {len(damaged)} damaged" if damaged else "")
    if is_read_only():
        found["writing"] = "switched off"
    return found


def _describe_extra(name: Extra) -> str:
    what = FEATURES[name]
    return f"here: {what}" if has_extra(name) else f"missing for {what}: {describe_install(name)}"


def _list_made_again() -> Iterator[tuple[Path, str]]:
    for pattern, what in _MADE_AGAIN.items():
        for path in sorted(get_data_folder().glob(pattern)):
            yield path, what


def _measure(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(
        os.stat(Path(folder) / name, follow_symlinks=False).st_size
        for folder, _, names in os.walk(path)
        for name in names
    )
