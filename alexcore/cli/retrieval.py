"""Commands that compare pictures: build a gallery, search it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from alexcore.checkpoints import find_run
from alexcore.cli.console import AsJson, Data, app, console, find_data, print_json, progress_shown
from alexcore.errors import GalleryError
from alexcore.images import load_image
from alexcore.paths import get_galleries_folder, get_run_roots

RunName = Annotated[str, typer.Option("--run", help="A run's name or folder.")]
Node = Annotated[str | None, typer.Option(help="A node; the last hidden layer by default.")]
Split = Annotated[str, typer.Option(help="'train' for the training pictures, or 'all'.")]


@app.command()
def embed(
    data: Data = "creatures",
    run: RunName = "half-b16-s1",
    node: Node = None,
    split: Split = "train",
    as_json: AsJson = False,
) -> None:
    """Build or update the gallery of a folder: only new and changed pictures are embedded."""
    from alexcore.datasets.folder import list_training, scan_folder
    from alexcore.devices import select_device
    from alexcore.models.layers import find_last_hidden
    from alexcore.retrieval.gallery import GalleryKey, build_gallery
    from alexcore.weights import load_model

    root = find_data(data)
    found = find_run(run, *get_run_roots())
    device = select_device()
    model = load_model(found).to(device)
    listing = scan_folder(root)
    if _check_split(split) == "train":
        share = float(found.config["validation_share"])
        listing = list_training(listing, share)
    key = GalleryKey(
        _dataset_name(root, split),
        found.name,
        node or find_last_hidden(model),
        found.preset,
        found.weights_digest or "",
    )
    with progress_shown("Embedding") as on_progress:
        report = build_gallery(get_galleries_folder(), listing, model, key, device, on_progress)
    if as_json:
        print_json({"gallery": key.name, "rows": report.rows, "embedded": report.embedded,
                    "dropped": report.dropped, "unreadable": report.unreadable})  # fmt: skip
        return
    typer.echo(
        f"{key.name}: {report.rows:,} rows, {report.embedded:,} embedded, "
        f"{report.dropped:,} dropped"
    )
    for path, why in report.unreadable:
        console.print(f"left out {path}: {why}", highlight=False)


@app.command()
def search(
    image: Annotated[Path, typer.Argument(help="The query.")],
    data: Data = "creatures",
    run: RunName = "half-b16-s1",
    node: Node = None,
    split: Split = "train",
    k: Annotated[int, typer.Option("-k", help="How many neighbours.")] = 10,
    metric: Annotated[str, typer.Option(help="euclidean or cosine.")] = "euclidean",
    as_json: AsJson = False,
) -> None:
    """Find the pictures of a gallery nearest to a query."""
    from alexcore.devices import select_device
    from alexcore.extraction.embeddings import create_embedder
    from alexcore.models.layers import find_last_hidden
    from alexcore.retrieval.gallery import GalleryKey, load_rows
    from alexcore.retrieval.metrics import parse_metric
    from alexcore.retrieval.search import Searcher
    from alexcore.transforms import to_tensor
    from alexcore.weights import load_model

    found = find_run(run, *get_run_roots())
    device = select_device()
    model = load_model(found).to(device)
    where = node or find_last_hidden(model)
    name = _dataset_name(Path(data), _check_split(split))
    key = GalleryKey(name, found.name, where, found.preset, found.weights_digest or "")
    rows = load_rows(get_galleries_folder(), key)
    query = create_embedder(model, where)(to_tensor(load_image(image), found.preset).to(device))[0]
    near = Searcher(rows.embeddings, device).search(query, k, parse_metric(metric))
    results = [
        {"path": rows.paths[i], "label": rows.labels[i], "distance": round(float(d), 4)}
        for i, d in zip(near.indices, near.distances, strict=True)
    ]
    if as_json:
        print_json(results)
        return
    table = Table("", "distance", "label", "picture")
    for place, result in enumerate(results, start=1):
        table.add_row(
            str(place), f"{result['distance']:.3f}", str(result["label"]), str(result["path"])
        )
    Console().print(table)


def _dataset_name(root: Path, split: str) -> str:
    return f"{root.name}-train" if split == "train" else root.name


def _check_split(split: str) -> str:
    if split not in ("train", "all"):
        raise GalleryError(f"got --split {split}; it must be train or all.")
    return split
