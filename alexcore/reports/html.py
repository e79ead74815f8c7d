"""What one sees, as one HTML file to send: shapes, curves, feature maps, neighbours."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import escape
from threading import Lock
from typing import Any

from PIL import Image

from alexcore.errors import AlexcoreError
from alexcore.features.attribution import compute_heatmap
from alexcore.figures.bars import plot_classes
from alexcore.figures.cards import Card, describe_cards
from alexcore.figures.run_curves import plot_run
from alexcore.figures.sprites import (
    ColourScale,
    create_overlay,
    create_sprite,
    encode_png,
    plan_grid,
)
from alexcore.figures.volumes import draw_volumes, list_volumes
from alexcore.images.preprocessing import to_input
from alexcore.inference.model import Inference
from alexcore.inspection.tables import create_table
from alexcore.reports.document import embed, embed_chart, embed_tiles, to_address, write_document
from alexcore.retrieval.gallery import Gallery, Query, Wish, create_query
from alexcore.runs.history import load_history

_LAYERS = ("relu1", "relu2", "relu3", "relu5")
_COLUMNS = ["layer", "window", "output shape", "parameters", "mult-adds", "receptive field"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about.

    Attributes:
        inference: A picture and what a model computed of it.
        sha256: Of the picture's file.
        open_gallery: Returns the gallery of the model's training pictures.
        lock: Held while the device computes.
    """

    inference: Inference
    sha256: str
    open_gallery: Callable[[], Gallery]
    lock: Lock


def write_report(subject: Subject, library: str | None = None, above: str = "") -> str:
    """Return the report; a part that cannot be made says why in its place.

    Args:
        subject: What it is about.
        library: See ``write_document``.
        above: HTML to begin with.
    """
    parts: dict[str, Callable[[Subject], str]] = {
        "The network": _describe_network,
        "Training": _describe_training,
        "What it sees": _describe_maps,
        "What it finds alike": _describe_neighbours,
    }
    sections = []
    for title, describe in parts.items():
        try:
            body = describe(subject)
        except AlexcoreError as error:
            body = f"<p class=quiet>{escape(str(error))}</p>"
        sections.append(f"<h2>{title}</h2>{body}")
    source = subject.inference.model.source
    title = f"{source.name} and {subject.inference.name}"
    return write_document(
        title,
        f"{above}<h1>Inside AlexNet</h1><p class=quiet>{escape(title)}, "
        f"{date.today():%d %B %Y}. {escape(source.spec.title)}, {escape(source.origin)}.</p>"
        + "".join(sections),
        library,
    )


def _show(png: bytes, alt: str) -> str:
    return f'<img src="{to_address(png)}" alt="{escape(alt)}">'


def _describe_network(subject: Subject) -> str:
    trace, side = subject.inference.model.trace, subject.inference.model.source.preprocessing.crop
    table = create_table(trace)[_COLUMNS].astype({"receptive field": "string"}).to_html(
        index=False, border=0, na_rep="", classes="sorts",
        formatters=dict.fromkeys(["parameters", "mult-adds"], "{:,}".format),
    )  # fmt: skip
    return (
        f"<p>{trace.params:,} parameters, {trace.mult_adds / 1e6:,.1f} million mult-adds a picture "
        f"of {side} × {side} pixels. Choose a volume to find its row; a column's title sorts by "
        f"it.</p>{embed('volumes', {'svg': draw_volumes(list_volumes(trace))})}{table}"
    )


def _describe_training(subject: Subject) -> str:
    run = subject.inference.model.source.run
    if run is None or run.last is None or run.best is None:
        return "<p class=quiet>These weights come without a history.</p>"
    figure = plot_run(load_history(run.history_file))
    return (
        f"<p>{run.config.epochs} epochs at batch {run.config.batch_size} on "
        f"{escape(run.dataset['name'])}: validation accuracy {run.last['val_accuracy']:.1%} at the "
        f"end, {run.best['val_accuracy']:.1%} at best (epoch {run.best['epoch']:.0f}).</p>"
        + embed_chart(figure, run.name, f"Loss and accuracy of {run.name}")
    )


def _describe_maps(subject: Subject) -> str:
    inference = subject.inference
    model, pixels = inference.model, inference.picture.pixels
    best = inference.predictions[0]
    with subject.lock:
        x = to_input(pixels, model.source.preprocessing, model.device)
        heat = compute_heatmap(model.module, x, model.classes.index(best.label), "Grad-CAM")
    labels, probabilities = zip(
        *((p.label, p.probability) for p in inference.predictions), strict=True
    )
    bars = embed_chart(
        plot_classes(labels, probabilities),
        "classes",
        "The likeliest classes and their probabilities",
    )
    crop = encode_png(Image.fromarray(pixels))
    overlay = encode_png(create_overlay(pixels, heat, True))
    grids = "".join(_draw_layer(inference, name) for name in _LAYERS if name in model.nodes)
    return (
        f"<div class=row><figure>{_show(crop, inference.name)}<figcaption>what the net receives"
        f"</figcaption></figure><figure>{_show(overlay, 'Grad-CAM')}<figcaption>red raises the "
        f"score of {escape(best.label)}</figcaption></figure>{bars}</div>{grids}"
    )


def _draw_layer(inference: Inference, name: str) -> str:
    maps = inference.find(name)
    grid = plan_grid(len(maps), maps.shape[1], 900)
    sprite = create_sprite(maps, grid, ColourScale(gamma=0.7))
    title = f"{name}: {len(maps)} channels of {maps.shape[1]} × {maps.shape[2]}"
    words = [
        f"channel {n}: mean {values.mean():.3g}, maximum {values.max():.3g}"
        for n, values in enumerate(maps)
    ]
    return f"<h3>{title}</h3>{embed_tiles(encode_png(sprite), grid, words, title)}"


def _describe_neighbours(subject: Subject) -> str:
    gallery = subject.open_gallery()
    query = create_query(subject.inference, gallery.key.node, subject.sha256)
    data = describe_neighbours(gallery, query, Wish())
    return (
        f"<p>The {len(data['cards'])} pictures of the training side of "
        f"{escape(gallery.key.dataset)} nearest in the last hidden layer, by Euclidean distance. "
        "Choose one to see it large.</p>" + embed("cards", data)
    )


def describe_neighbours(gallery: Gallery, query: Query, wish: Wish) -> dict[str, Any]:
    """Return the pictures nearest to a query as cards, their thumbnails within."""
    near, entries = gallery.search(query, wish), gallery.entries
    paths = [entries.paths[i] for i in near.indices]
    files = gallery.load_thumbnails(paths)
    cards = [
        Card(files[path], entries.labels[i], f"{distance:.3g}", f"Neighbour {path}")
        for i, path, distance in zip(near.indices, paths, near.distances, strict=True)
    ]
    return describe_cards(cards, lambda pack, _: to_address(pack, "image/webp"), None, 130)
