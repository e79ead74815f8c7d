"""The pages' own pictures in a notebook: tiles, volumes and cards from the very same JavaScript.

    from alexcore.notebook import show_feature_maps, show_layers, show_neighbours

    show_feature_maps("look-half", "photo.jpg", layer="relu3")

Each returns a widget; what is chosen in it is in ``widget.chosen`` and can be observed. Figures of
``alexcore.figures`` show themselves.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alexcore.errors import AlexcoreError
from alexcore.extras import describe_install, has_extra
from alexcore.figures.sprites import ColourScale, create_sprite, encode_png, plan_grid
from alexcore.figures.volumes import draw_volumes, list_volumes
from alexcore.images.decode import WHITE
from alexcore.images.sandbox import prepare_picture
from alexcore.inference.model import Inference, LoadedModel, infer
from alexcore.inference.model import load_model as load_source
from alexcore.reports.document import COLOURS, Kind, read_component, to_address
from alexcore.settings import get_galleries_uri, get_run_roots
from alexcore.sources import find_source

if TYPE_CHECKING:
    from anywidget import AnyWidget

_SHOWN = "export default function"
_ADAPTER = """
export default { render({ model, el }) {
  const root = el.attachShadow({ mode: "open" });
  const sheet = document.createElement("style");
  sheet.textContent = model.get("style");
  root.append(sheet);
  const setTriggerValue = (name, value) => {
    model.set("chosen", value);
    model.set("data", { ...model.get("data"), selected: value });
    model.save_changes();
  };
  const draw = () => show({ data: model.get("data"), parentElement: root, setTriggerValue });
  model.on("change:data", draw);
  draw();
} };
"""


def load_model(name: str) -> LoadedModel:
    """Return a model ready to answer, to be shown more than once.

    Args:
        name: As ``--model`` of the commands takes it: a run, a weights file, ``untrained-half``.

    Raises:
        CheckpointError: There is none of that name, or it cannot be read.
    """
    from alexcore.devices import select_device

    source = find_source(name, *get_run_roots())
    if source.download is not None and not source.download.is_here():
        source.download.fetch(lambda done, total: None)
    return load_source(source, select_device())


def look_at(model: str | LoadedModel, image: str | Path) -> Inference:
    """Return everything a model computes of a picture's file.

    Raises:
        AlexcoreError: The model or the picture cannot be read.
    """
    loaded = load_model(model) if isinstance(model, str) else model
    picture = prepare_picture(Path(image), WHITE, loaded.source.preprocessing)
    return infer(loaded, picture, threading.Lock(), Path(image).stem)


def show_layers(model: str | LoadedModel) -> AnyWidget:
    """Show the network as volumes; ``chosen`` is the label of the layer that is clicked."""
    loaded = load_model(model) if isinstance(model, str) else model
    return _show("volumes", {"svg": draw_volumes(list_volumes(loaded.trace))})


def show_feature_maps(
    model: str | LoadedModel, image: str | Path, layer: str = "relu1", gamma: float = 0.7
) -> AnyWidget:
    """Show every channel of a layer as a tile; ``chosen`` is the channel that is clicked.

    Args:
        model: Or its name.
        image: A picture's file.
        layer: By the paper's name or its node; one that gives maps.
        gamma: Below 1 lifts faint values.

    Raises:
        AlexcoreError: There is no such layer, or it gives no maps.
    """
    inference = look_at(model, image)
    maps = inference.find(layer)
    if maps.ndim != 3:
        raise AlexcoreError(f"{layer} gives {len(maps)} numbers and no maps; choose another layer.")
    grid = plan_grid(len(maps), maps.shape[1])
    sprite = create_sprite(maps, grid, ColourScale(bool(maps.min() < 0), gamma=gamma))
    alt = f"All {len(maps)} channels of {layer} for {inference.name}."
    source = to_address(encode_png(sprite))
    return _show("tiles", grid.to_dict(len(maps)) | {"source": source, "selected": -1, "alt": alt})


def show_neighbours(
    model: str | LoadedModel, image: str | Path, data: str = "creatures", k: int = 10
) -> AnyWidget:
    """Show the training pictures nearest in the last hidden layer; ``chosen`` is one's place.

    Args:
        model: Or its name.
        image: The query's file.
        data: What the gallery is of, as ``alexcore embed --data`` takes it.
        k: How many.

    Raises:
        AlexcoreError: There is no gallery yet; ``alexcore embed`` builds it.
    """
    from alexcore.files import compute_digest
    from alexcore.reports.html import describe_neighbours
    from alexcore.retrieval.gallery import Gallery, Wish, create_query
    from alexcore.retrieval.pictures import Pictures
    from alexcore.retrieval.stores import open_store

    inference = look_at(model, image)
    loaded = inference.model
    key = Pictures(data).create_key(loaded.source, loaded.last_hidden)
    gallery = Gallery(open_store(get_galleries_uri(), key), loaded.device)
    query = create_query(inference, loaded.last_hidden, compute_digest(Path(image)))
    return _show("cards", describe_neighbours(gallery, query, Wish(k)))


def _show(kind: Kind, data: dict[str, Any]) -> AnyWidget:
    """Wrap a component for notebooks.

    Raises:
        AlexcoreError: anywidget is not installed.
    """
    if not has_extra("notebook"):
        said = describe_install("notebook")
        raise AlexcoreError(f"widgets need a package that is not here: {said}.")
    import traitlets
    from anywidget import AnyWidget

    module, style = read_component(kind)

    class Component(AnyWidget):
        """One of the pages' components."""

        _esm = module.replace(_SHOWN, "function show") + _ADAPTER
        data = traitlets.Dict().tag(sync=True)
        style = traitlets.Unicode().tag(sync=True)
        chosen = traitlets.Any(allow_none=True).tag(sync=True)

    return Component(data=data, style=COLOURS + style)
