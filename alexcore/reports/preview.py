"""A preview of a run, computed once and kept beside it, so that a page shows it without torch.

run + picture + gallery -> ``create_preview`` -> ``preview/`` in the run folder -> ``load_preview``.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from alexcore.errors import CheckpointError, ImageError
from alexcore.figures.kernels import create_kernel_wall
from alexcore.figures.palette import MARKED
from alexcore.figures.sprites import ColourScale, create_sprite, plan_grid
from alexcore.figures.volumes import draw_volumes, list_volumes
from alexcore.files import replacing, write_text
from alexcore.images.decode import WHITE, load_image
from alexcore.runs.run import Run
from alexcore.sources import create_run_source

_TILE = 168
_CHANNELS = 32


@dataclass(frozen=True, slots=True)
class Preview:
    """What ``preview/`` holds.

    Attributes:
        volumes: The network as SVG text.
        kernels: Those of conv1 as a wall, as in the paper's figure 3, WebP.
        feature_maps: A sprite of conv1, WebP.
        neighbours: The query, framed, and its five nearest, WebP.
        image: Name of the picture both were made for.
        params: Learnable numbers.
        mult_adds: Multiply-accumulates of one picture.
        dense_params: Share of the parameters in fully connected layers, in [0, 1].
        dense_mult_adds: Share of the mult-adds there, in [0, 1].
        labels: Labels of the five neighbours.
        prediction: The likeliest class and its probability.
    """

    volumes: str
    kernels: bytes
    feature_maps: bytes
    neighbours: bytes
    image: str
    params: int
    mult_adds: int
    dense_params: float
    dense_mult_adds: float
    labels: tuple[str, ...]
    prediction: tuple[str, float]


def has_preview(folder: Path) -> bool:
    """Whether the run in ``folder`` has one; those of before there was a wall count as none."""
    return all((folder / "preview" / name).is_file() for name in ("preview.json", "kernels.webp"))


def load_preview(folder: Path) -> Preview | None:
    """Return the preview of the run in ``folder``, None when none was made.

    Raises:
        CheckpointError: It is there but damaged.
    """
    home = folder / "preview"
    if not has_preview(folder):
        return None
    try:
        facts = json.loads((home / "preview.json").read_text(encoding="utf-8"))
        return Preview(
            volumes=_read_svg(home / "volumes.svg"),
            kernels=_read_webp(home / "kernels.webp"),
            feature_maps=_read_webp(home / "feature_maps.webp"),
            neighbours=_read_webp(home / "neighbours.webp"),
            image=facts["image"],
            params=facts["params"],
            mult_adds=facts["mult_adds"],
            dense_params=facts["dense_params"],
            dense_mult_adds=facts["dense_mult_adds"],
            labels=tuple(facts["labels"]),
            prediction=(facts["prediction"][0], facts["prediction"][1]),
        )
    except (ImageError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise CheckpointError(
            f"the preview of {folder.name} is damaged ({error!r}); make it again with "
            f"python -m alexcore preview {folder.name}."
        ) from error


def create_preview(run: Run, picture: Path, pictures_root: Path, galleries: str) -> None:
    """Compute and write a run's preview.

    Args:
        run: With weights.
        picture: The image to look at.
        pictures_root: Where the gallery's pictures lie.
        galleries: Where galleries lie; one of the run's training pictures is built if need be.

    Raises:
        AlexcoreError: The run, the picture or the gallery cannot be read.
    """
    import threading

    import torch

    from alexcore.images.sandbox import prepare_picture
    from alexcore.inference.model import infer, load_model
    from alexcore.retrieval.build import build_gallery
    from alexcore.retrieval.gallery import Gallery, Wish, create_query
    from alexcore.retrieval.pictures import Pictures
    from alexcore.retrieval.stores import open_store
    from alexcore.weights.snapshots import find_kernels

    source = create_run_source(run)
    model = load_model(source, torch.device("cpu"))
    data = picture.read_bytes()
    inference = infer(model, prepare_picture(data, WHITE, source.preprocessing), threading.Lock())
    maps = inference.find("relu1")[:_CHANNELS]
    kernels = find_kernels(model.module.state_dict())
    sprite = create_sprite(maps, plan_grid(len(maps), maps.shape[1], 520), ColourScale(gamma=0.7))

    pictures, node = Pictures(str(pictures_root)), model.last_hidden
    store = open_store(galleries, pictures.create_key(source, node))
    build_gallery(store, pictures.open(source.split_rule), model.create_embedder(node))
    gallery = Gallery(store, model.device)
    entries = gallery.entries
    found = gallery.search(create_query(inference, node, hashlib.sha256(data).hexdigest()), Wish(5))
    tiles = [
        load_image(data),
        *(load_image(entries.root / entries.paths[i]) for i in found.indices),
    ]

    trace = model.trace
    dense = [layer for layer in trace.layers if layer.kind == "Linear"]
    best = inference.predictions[0]
    facts = {
        "image": picture.stem,
        "params": trace.params,
        "mult_adds": trace.mult_adds,
        "dense_params": sum(layer.params for layer in dense) / trace.params,
        "dense_mult_adds": sum(layer.mult_adds for layer in dense) / trace.mult_adds,
        "labels": [entries.labels[i] for i in found.indices],
        "prediction": [best.label, round(best.probability, 4)],
    }
    home = run.folder / "preview"
    try:
        write_text(home / "volumes.svg", draw_volumes(list_volumes(trace)))
        _save_webp(home / "kernels.webp", create_kernel_wall(kernels.numpy()))
        _save_webp(home / "feature_maps.webp", sprite)
        _save_webp(home / "neighbours.webp", _join(tiles))
        write_text(home / "preview.json", json.dumps(facts, indent=2) + "\n")
    except OSError as error:
        raise CheckpointError(f"cannot write the preview of {run.name}: {error}.") from error


def _join(images: list[Image.Image]) -> Image.Image:
    """Put the query and its five nearest in two rows of three, the query framed."""
    gap, frame = 8, 5
    step = _TILE + gap
    sheet = Image.new("RGBA", (3 * step - gap, 2 * step - gap))
    sheet.paste(MARKED, (0, 0, _TILE, _TILE))
    for place, image in enumerate(images):
        row, column = divmod(place, 3)
        edge = 0 if place else frame
        side = _TILE - 2 * edge
        tile = image.resize((side, side), Image.Resampling.LANCZOS)
        sheet.paste(tile, (column * step + edge, row * step + edge))
    return sheet


def _read_svg(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if not text.rstrip().endswith("</svg>"):
        raise ValueError(f"{path.name} is cut short")
    return text


def _read_webp(path: Path) -> bytes:
    """Return the file's bytes, once they are known to be a picture."""
    data = path.read_bytes()
    load_image(data)
    return data


def _save_webp(path: Path, image: Image.Image) -> None:
    file = io.BytesIO()
    image.save(file, "WEBP", quality=86)
    with replacing(path) as partial:
        partial.write_bytes(file.getvalue())
