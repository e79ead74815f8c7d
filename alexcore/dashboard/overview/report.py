"""What one sees, as one HTML file to send: shapes, curves, feature maps, neighbours."""

import base64
from datetime import date
from html import escape

from PIL import Image

from alexcore.dashboard.architecture.traces import get_trace
from alexcore.dashboard.caching import get_history, get_model, get_picture, get_seen
from alexcore.dashboard.feature_maps.looks import compute_class_heatmap
from alexcore.dashboard.retrieval.galleries import (
    find_query_vector,
    get_gallery,
    get_gallery_key,
    get_thumbnails,
    list_nodes,
)
from alexcore.dashboard.session import ImageChoice, ModelChoice
from alexcore.errors import AlexcoreError
from alexcore.figures.palette import MARKED, QUIET
from alexcore.figures.sparkline import draw_curves
from alexcore.figures.sprites import create_overlay, create_sprite, encode_png, plan_grid
from alexcore.figures.volumes import draw_volumes, list_volumes
from alexcore.inspection.tables import create_table

_LAYERS = ("relu1", "relu2", "relu3", "relu5")
_NEIGHBOURS = 10
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


def write_report(choice: ModelChoice, image: ImageChoice) -> str:
    """Return the report; a part that cannot be made says why in its place."""
    parts = {
        "The network": _describe_network,
        "Training": _describe_training,
        "What it sees": _describe_maps,
        "What it finds alike": _describe_neighbours,
    }
    sections = []
    for title, describe in parts.items():
        try:
            body = describe(choice, image)
        except AlexcoreError as error:
            body = f"<p class=quiet>{escape(str(error))}</p>"
        sections.append(f"<h2>{title}</h2>{body}")
    title = f"{escape(choice.name)} and {escape(image.name)}"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body>'
        f"<h1>Inside AlexNet</h1><p class=quiet>{title}, {date.today():%d %B %Y}. "
        f"{escape(choice.spec.title)}, {escape(choice.origin)}.</p>{''.join(sections)}"
        "</body></html>"
    )


def _embed(data: bytes, alt: str, kind: str = "png") -> str:
    source = base64.b64encode(data).decode()
    return f'<img src="data:image/{kind};base64,{source}" alt="{escape(alt)}">'


def _describe_network(choice: ModelChoice, image: ImageChoice) -> str:
    trace = get_trace(choice.spec.name, choice.preset.crop, 1, *choice.widths)
    table = create_table(trace)[_COLUMNS].to_html(
        index=False, border=0, na_rep="",
        formatters=dict.fromkeys(["parameters", "mult-adds"], "{:,}".format),
    )  # fmt: skip
    return (
        f"<p>{trace.params:,} parameters, {trace.mult_adds / 1e6:,.1f} million mult-adds a picture "
        f"of {choice.preset.crop} × {choice.preset.crop} pixels.</p>"
        f"{draw_volumes(list_volumes(trace))}{table}"
    )


def _describe_training(choice: ModelChoice, image: ImageChoice) -> str:
    run = choice.run
    if run is None or run.last is None or run.best is None:
        return "<p class=quiet>These weights come without a history.</p>"
    rows = get_history(run, str(run.folder))
    curves = draw_curves(
        {
            "training accuracy": ([row.train_accuracy for row in rows], QUIET),
            "validation accuracy": ([row.val_accuracy for row in rows], MARKED),
        },
        "epoch",
    )
    return (
        f"<p>{run.config.epochs} epochs at batch {run.config.batch_size} on "
        f"{escape(run.dataset['name'])}: validation accuracy {run.last['val_accuracy']:.1%} at the "
        f"end, {run.best['val_accuracy']:.1%} at best (epoch {run.best['epoch']:.0f}).</p>{curves}"
    )


def _describe_maps(choice: ModelChoice, image: ImageChoice) -> str:
    seen, picture = get_seen(choice, image), get_picture(image, choice.preset)
    loaded = get_model(choice)
    best = seen.predictions[0]
    heat = compute_class_heatmap(
        choice, image, loaded.classes.index(best.label), "Grad-CAM", lambda done, total: None
    )
    bars = "".join(
        f"<tr><td>{escape(p.label)}</td><td>{p.probability:.1%}</td><td style='width:12rem'>"
        f"<div class=bar style='width:{p.probability:.1%}'></div></td></tr>"
        for p in seen.predictions
    )
    crop = encode_png(Image.fromarray(picture.pixels))
    overlay = encode_png(create_overlay(picture.pixels, heat, True))
    grids = "".join(_draw_layer(choice, image, label) for label in _LAYERS)
    return (
        f"<div class=row><figure>{_embed(crop, image.name)}<figcaption>what the net receives"
        f"</figcaption></figure><figure>{_embed(overlay, 'Grad-CAM')}<figcaption>red speaks for "
        f"{escape(best.label)}</figcaption></figure><table>{bars}</table></div>{grids}"
    )


def _draw_layer(choice: ModelChoice, image: ImageChoice, label: str) -> str:
    node = get_model(choice).nodes.get(label)
    if node is None:
        return ""
    maps = get_seen(choice, image).activations[node]
    sprite = create_sprite(maps, plan_grid(len(maps), maps.shape[1], 900), gamma=0.7)
    name = f"{label}: {len(maps)} channels of {maps.shape[1]} × {maps.shape[2]}"
    return f"<h3>{name}</h3>{_embed(encode_png(sprite), name)}"


def _describe_neighbours(choice: ModelChoice, image: ImageChoice) -> str:
    node = next(iter(list_nodes(choice).values()))
    gallery = get_gallery(get_gallery_key(choice, "creatures-train", node))
    near = gallery.searcher.search(
        find_query_vector(choice, image, node), _NEIGHBOURS, exclude=gallery.copies
    )
    paths = tuple(gallery.rows.paths[i] for i in near.indices)
    files = get_thumbnails(gallery, paths)
    cards = "".join(
        f"<figure class=near>{_embed(files[path], path, 'webp')}<figcaption>"
        f"{escape(gallery.rows.labels[i])} · {distance:.3g}</figcaption></figure>"
        for i, path, distance in zip(near.indices, paths, near.distances, strict=True)
    )
    return (
        f"<p>The {len(paths)} training pictures nearest in the last hidden layer, by Euclidean "
        f"distance.</p><div class=row>{cards}</div>"
    )
