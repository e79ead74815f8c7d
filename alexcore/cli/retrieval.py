"""Commands that compare pictures: build a gallery, search it, judge its answers."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from alexcore.cli.console import (
    AsJson,
    Data,
    ModelName,
    app,
    console,
    find_data,
    load_named_model,
    look_at,
    print_json,
    progress_shown,
)
from alexcore.cli.options import with_options
from alexcore.errors import DatasetError
from alexcore.images.preprocessing import Crops
from alexcore.settings import (
    DEMO_RUN,
    get_cache_folder,
    get_galleries_uri,
    get_process,
    get_run_roots,
)

if TYPE_CHECKING:
    from alexcore.inference.model import LoadedModel
    from alexcore.retrieval.metrics_at_k import RetrievalMetrics
    from alexcore.retrieval.pictures import Pictures
    from alexcore.retrieval.store import Store

Node = Annotated[str | None, typer.Option(help="A node; the last hidden layer by default.")]
Split = Literal["train", "all"]
MetricName = Annotated[str, typer.Option(help="euclidean or cosine.")]
Galleries = Annotated[
    str | None,
    typer.Option(help="A folder, s3://bucket/prefix, or milvus:...; ALEXCORE_GALLERIES else."),
]
_JOIN_SECONDS = 3600
_OF_GALLERIES = ("data", "node", "galleries", "metric")


@dataclass(frozen=True, slots=True)
class TrainingGallery:
    """Which gallery of training pictures a command is about."""

    data: Data = "creatures"
    model: ModelName = DEMO_RUN
    node: Node = None
    galleries: Galleries = None

    def open(self, split: Split = "train") -> "OpenedGallery":
        """Load the model and name the store; nothing of it is read yet."""
        from alexcore.retrieval.pictures import Pictures
        from alexcore.retrieval.stores import open_store

        pictures, loaded = Pictures(self.data, split), load_named_model(self.model)
        node = loaded.find_node(self.node) if self.node else loaded.last_hidden
        key = pictures.create_key(loaded.source, node)
        return OpenedGallery(
            loaded, pictures, open_store(self.galleries or get_galleries_uri(), key)
        )


@dataclass(frozen=True, slots=True)
class AnyGallery(TrainingGallery):
    """Which gallery a command is about."""

    split: Annotated[Split, typer.Option(help="'train' for the training pictures, or 'all'.")] = (
        "train"
    )


@dataclass(frozen=True, slots=True)
class OpenedGallery:
    """A model on its device, pictures, and the store of what it sees in them."""

    model: "LoadedModel"
    pictures: "Pictures"
    store: "Store"


@app.command()
@with_options
def embed(gallery: AnyGallery, as_json: AsJson = False) -> None:
    """Build or update a folder's gallery: only new and changed pictures are embedded.

    Started by torchrun, the processes share the pictures and append to one gallery.
    """
    from alexcore.retrieval.build import build_gallery, wait_for_rows

    opened = gallery.open(gallery.split)
    with progress_shown(f"Preparing {gallery.data}") as on_progress:
        listing = opened.pictures.open(opened.model.source.split_rule, on_progress)
    key = opened.store.key
    embedder = opened.model.create_embedder(key.node)
    process = get_process()
    with progress_shown("Embedding") as on_progress:
        report = build_gallery(opened.store, listing, embedder, on_progress, process)
    for path, why in report.unreadable:
        console.print(f"left out {path}: {why}", highlight=False)
    if not process.is_first:
        return
    if process.world > 1 and not report.unreadable:
        wait_for_rows(opened.store, len(listing.items), _JOIN_SECONDS)
    rows = len(opened.store.list_digests())
    if as_json:
        print_json({"gallery": key.name, "rows": rows, "embedded": report.embedded,
                    "dropped": report.dropped, "unreadable": report.unreadable})  # fmt: skip
        return
    typer.echo(
        f"{key.name}: {rows:,} rows, {report.embedded:,} embedded, {report.dropped:,} dropped"
    )


@app.command()
@with_options
def search(
    image: Annotated[Path, typer.Argument(help="The query.")],
    gallery: AnyGallery,
    k: Annotated[int, typer.Option("-k", help="How many neighbours.")] = 10,
    metric: MetricName = "euclidean",
    as_json: AsJson = False,
) -> None:
    """Find the pictures of a gallery nearest to a query."""
    from alexcore.files import compute_digest
    from alexcore.retrieval.gallery import Gallery, Wish, create_query
    from alexcore.retrieval.metrics import parse_metric

    wish = Wish(k, parse_metric(metric), fold=False)
    opened = gallery.open(gallery.split)
    found = Gallery(opened.store, opened.model.device)
    inference = look_at(opened.model, image)
    query = create_query(inference, opened.store.key.node, compute_digest(image))
    near, entries = found.search(query, wish), found.entries
    results = [
        {"path": entries.paths[i], "class": entries.labels[i], "distance": round(float(d), 4)}
        for i, d in zip(near.indices, near.distances, strict=True)
    ]
    if as_json:
        print_json(results)
        return
    table = Table("", "distance", "class", "picture")
    for place, result in enumerate(results, start=1):
        table.add_row(
            str(place), f"{result['distance']:.3f}", str(result["class"]), str(result["path"])
        )
    Console().print(table)


@app.command()
@with_options
def evaluate(
    context: typer.Context,
    run: Annotated[str | None, typer.Argument(help="The same as --run.")] = None,
    side: Annotated[
        Literal["validation", "test"],
        typer.Option(
            help="test: the run's own accuracy on it, kept with the run where that can be written."
        ),
    ] = "validation",
    crops: Annotated[
        Crops,
        typer.Option(
            help="With --side test: 10 averages the probabilities of the four corners, the centre "
            "and their mirror images, as the paper does; shown, not kept with the run."
        ),
    ] = 1,
    *,
    gallery: TrainingGallery,
    metric: MetricName = "euclidean",
    as_json: AsJson = False,
) -> None:
    """Judge the gallery of the training pictures by the labels of the validation pictures.

    With --side test: judge a run by the test side of the pictures it was trained on.
    """
    gallery = replace(gallery, model=run or gallery.model)
    if side == "test":
        _refuse_options_of_galleries(context)
        _evaluate_test(gallery.model, crops, as_json)
        return
    if crops != 1:
        raise typer.BadParameter(
            "--crops is about a run's own answers, not about a gallery: add --side test."
        )
    from alexcore.retrieval.evaluate import evaluate_gallery
    from alexcore.retrieval.gallery import Gallery
    from alexcore.retrieval.metrics import parse_metric
    from alexcore.retrieval.pictures import list_queries

    measure = parse_metric(metric)
    root = find_data(gallery.data)
    opened = gallery.open()
    with progress_shown("Looking for near copies") as on_progress:
        queries = list_queries(root, opened.model.source.split_rule, on_progress)
    asked = Gallery(opened.store, opened.model.device)
    embedder = opened.model.create_embedder(asked.key.node)
    with progress_shown("Asking") as on_progress:
        found = evaluate_gallery(asked, queries, embedder, measure, on_progress)
    if as_json:
        print_json(found)
        return
    Console().print(_tabulate({"hidden layer": found.embedding, "pixels": found.pixels}))


def _refuse_options_of_galleries(context: typer.Context) -> None:
    """Say which of the options given ask for something else than a run's own test side."""
    asked = {name: context.get_parameter_source(name) for name in _OF_GALLERIES}
    given = [f"--{name}" for name, source in asked.items() if source and source.name != "DEFAULT"]
    if given:
        raise typer.BadParameter(
            "--side test judges a run by the test side of the pictures it was trained on, without "
            f"a gallery: leave out {', '.join(given)}."
        )


def _evaluate_test(name: str, crops: Crops, as_json: bool) -> None:
    from alexcore.datasets.sources import open_test
    from alexcore.devices import select_device
    from alexcore.runs.run import find_run
    from alexcore.training.data import load_test
    from alexcore.training.evaluate import evaluate_test
    from alexcore.training.record import keep_test
    from alexcore.weights.safetensors import load_model

    run = find_run(name, *get_run_roots())
    pictures = str(run.dataset["name"])
    device = select_device()
    net = load_model(run).to(device)
    with progress_shown(f"Preparing the test side of {pictures}") as on_progress:
        folder = open_test(pictures, on_progress)
        if folder is None:
            raise DatasetError(
                f"{run.name} was trained on {pictures}, which has no test side; the drawn sets "
                "have one."
            )
        test = load_test(folder, run.preprocessing.resize, get_cache_folder(), on_progress)
    figures, predictions = evaluate_test(run, net, test, device, crops)
    if as_json:
        print_json(figures)
    else:
        typer.echo(
            f"{run.name}: {figures['accuracy']:.2%} of {figures['pictures']:,} test pictures"
            f"{' over ten crops each' if crops == 10 else ''}, loss {figures['loss']:.4f}"
        )
    if crops != 1:
        return  # what is kept is compared between runs, so it is of the centre for all
    try:
        keep_test(run, figures, predictions)
    except OSError as error:
        said = f"This is not kept with the run: {run.folder} cannot be written ({error})."
        console.print(said, soft_wrap=True)


def _tabulate(found: "dict[str, RetrievalMetrics]") -> Table:
    """Return one column a space and one line a figure."""
    table = Table("", *found)
    first = next(iter(found.values()))
    for k in first.precision:
        table.add_row(f"precision@{k}", *(f"{q.precision[k]:.1%}" for q in found.values()))
        table.add_row(f"{k}-NN accuracy", *(f"{q.knn_accuracy[k]:.1%}" for q in found.values()))
    table.add_row(
        "mean average precision", *(f"{q.mean_average_precision:.1%}" for q in found.values())
    )
    table.add_row("chance", *(f"{q.chance:.1%}" for q in found.values()))
    for label in first.by_class:
        table.add_row(
            f"precision@{max(first.precision)} of {label}",
            *(f"{q.by_class[label]:.1%}" for q in found.values()),
        )
    return table
