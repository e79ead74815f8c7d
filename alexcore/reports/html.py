"""What one sees, as one HTML file to send: shapes, curves, feature maps, neighbours."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from threading import Lock

from PIL import Image

from alexcore.errors import AlexcoreError
from alexcore.features.attribution import compute_heatmap
from alexcore.figures.palette import MARKED, QUIET
from alexcore.figures.sparkline import draw_curves
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
from alexcore.retrieval.gallery import Gallery, Wish, create_query
from alexcore.runs.history import Epoch, load_history

_LAYERS = ("relu1", "relu2", "relu3", "relu5")
_COLUMNS = ["layer", "window", "output shape", "parameters", "mult-adds", "receptive field"]
_STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #22252b; background: #fcfcfa; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.4rem; }
table { border-collapse: collapse; font-size: .85rem; display: block; overflow-x: auto; }
td, th { padding: .25rem .6rem; border-bottom: 1px solid #8884; text-align: right;
         white-space: nowrap; }
td:first-child, th:first-child { text-align: left; }
img, svg { max-width: 100%; } .row { display: flex; flex-wrap: wrap; gap: .8rem; }
figure { margin: 0; } figcaption, .quiet { font-size: .85rem; opacity: .75; }
.near { width: 8.4rem; } .near img { width: 100%; border-radius: .4rem; }
.bar { background: #3d5a98; height: .8rem; border-radius: .2rem; }
@media (prefers-color-scheme: dark) { body { color: #e6e7ea; background: #15171c; } }
"""


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


def write_report(subject: Subject) -> str:
    """Return the report; a part that cannot be made says why in its place."""
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
    title = f"{escape(source.name)} and {escape(subject.inference.name)}"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body>'
        f"<h1>Inside AlexNet</h1><p class=quiet>{title}, {date.today():%d %B %Y}. "
        f"{escape(source.spec.title)}, {escape(source.origin)}.</p>{''.join(sections)}"
        "</body></html>"
    )


def _embed(data: bytes, alt: str, kind: str = "png") -> str:
    source = base64.b64encode(data).decode()
    return f'<img src="data:image/{kind};base64,{source}" alt="{escape(alt)}">'


def _describe_network(subject: Subject) -> str:
    trace, side = subject.inference.model.trace, subject.inference.model.source.preprocessing.crop
    table = create_table(trace)[_COLUMNS].to_html(
        index=False, border=0, na_rep="",
        formatters=dict.fromkeys(["parameters", "mult-adds"], "{:,}".format),
    )  # fmt: skip
    return (
        f"<p>{trace.params:,} parameters, {trace.mult_adds / 1e6:,.1f} million mult-adds a picture "
        f"of {side} × {side} pixels.</p>{draw_volumes(list_volumes(trace))}{table}"
    )


def _describe_training(subject: Subject) -> str:
    run = subject.inference.model.source.run
    if run is None or run.last is None or run.best is None:
        return "<p class=quiet>These weights come without a history.</p>"
    return (
        f"<p>{run.config.epochs} epochs at batch {run.config.batch_size} on "
        f"{escape(run.dataset['name'])}: validation accuracy {run.last['val_accuracy']:.1%} at the "
        f"end, {run.best['val_accuracy']:.1%} at best (epoch {run.best['epoch']:.0f}).</p>"
        f"{_draw_history(load_history(run.history_file))}"
    )


def _draw_history(rows: Sequence[Epoch]) -> str:
    return draw_curves(
        {
            "training accuracy": ([row.train_accuracy for row in rows], QUIET),
            "validation accuracy": ([row.val_accuracy for row in rows], MARKED),
        },
        "epoch",
    )


def _describe_maps(subject: Subject) -> str:
    inference = subject.inference
    model, pixels = inference.model, inference.picture.pixels
    best = inference.predictions[0]
    with subject.lock:
        x = to_input(pixels, model.source.preprocessing, model.device)
        heat = compute_heatmap(model.module, x, model.classes.index(best.label), "Grad-CAM")
    bars = "".join(
        f"<tr><td>{escape(p.label)}</td><td>{p.probability:.1%}</td><td style='width:12rem'>"
        f"<div class=bar style='width:{p.probability:.1%}'></div></td></tr>"
        for p in inference.predictions
    )
    crop = encode_png(Image.fromarray(pixels))
    overlay = encode_png(create_overlay(pixels, heat, True))
    grids = "".join(_draw_layer(inference, name) for name in _LAYERS if name in model.nodes)
    return (
        f"<div class=row><figure>{_embed(crop, inference.name)}<figcaption>what the net receives"
        f"</figcaption></figure><figure>{_embed(overlay, 'Grad-CAM')}<figcaption>red raises the "
        f"score of {escape(best.label)}</figcaption></figure><table>{bars}</table></div>{grids}"
    )


def _draw_layer(inference: Inference, name: str) -> str:
    maps = inference.find(name)
    grid = plan_grid(len(maps), maps.shape[1], 900)
    sprite = create_sprite(maps, grid, ColourScale(gamma=0.7))
    title = f"{name}: {len(maps)} channels of {maps.shape[1]} × {maps.shape[2]}"
    return f"<h3>{title}</h3>{_embed(encode_png(sprite), title)}"


def _describe_neighbours(subject: Subject) -> str:
    gallery = subject.open_gallery()
    query = create_query(subject.inference, gallery.key.node, subject.sha256)
    near = gallery.search(query, Wish())
    paths = [gallery.entries.paths[i] for i in near.indices]
    files = gallery.load_thumbnails(paths)
    cards = "".join(
        f"<figure class=near>{_embed(files[path], path, 'webp')}<figcaption>"
        f"{escape(gallery.entries.labels[i])} · {distance:.3g}</figcaption></figure>"
        for i, path, distance in zip(near.indices, paths, near.distances, strict=True)
    )
    return (
        f"<p>The {len(paths)} pictures of the training side of {escape(gallery.key.dataset)} "
        f"nearest in the last hidden layer, by Euclidean distance.</p><div class=row>{cards}</div>"
    )
