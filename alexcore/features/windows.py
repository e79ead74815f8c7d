"""What a cell of a layer reads of the layer before it.

(Inference, node) -> ``find_given``, the maps that reach it -> ``Given.cut``, a Window of them.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import fx, nn

from alexcore.errors import ModelError
from alexcore.images.preprocessing import to_input
from alexcore.inference.model import Inference, LoadedModel
from alexcore.models.layers_2012 import MaskDropout

Numbers = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """One number a net computed: a cell of a channel, or a unit, whose row and column are 0."""

    node: str
    channel: int
    row: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What a cell reads of the layer before it.

    Attributes:
        node: The layer, ``""`` where it is the picture.
        channels: (C,) its channels or units.
        rows: (H,) its rows, also those beyond the edge.
        columns: (W,) likewise.
        values: (C, H, W), 0 beyond the edge.
        inside: (H, W) whether a cell exists.
    """

    node: str
    channels: Numbers
    rows: Numbers
    columns: Numbers
    values: Values
    inside: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a layer reads: maps (C, H, W) of a node, times a factor, with zeros before them."""

    node: str
    maps: Values
    factor: float = 1.0
    top: int = 0
    left: int = 0

    def cut(self, channels: "list[int] | Numbers", rows: Numbers, columns: Numbers) -> Window:
        """Return a window at rows and columns of the padded maps."""
        rows, columns = rows - self.top, columns - self.left
        _, height, width = self.maps.shape
        inside = np.logical_and.outer(
            (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
        )
        numbers = np.asarray(channels)
        cells = np.ix_(numbers, rows.clip(0, height - 1), columns.clip(0, width - 1))
        values = np.where(inside, self.maps[cells], np.float32(0))
        return Window(self.node, numbers, rows, columns, values, inside)


def find_layer(model: LoadedModel, place: fx.Node) -> nn.Module | Literal["flatten"] | None:
    """Return what stands at a place of the extractor's graph, None where that is no layer."""
    if place.op == "call_module":
        layer = model.extractor.get_submodule(str(place.target))
        return "flatten" if isinstance(layer, nn.Flatten) else layer
    return "flatten" if getattr(place.target, "__name__", "") == "flatten" else None


def find_given(inference: Inference, node: str, look_through: bool) -> Given:
    """Return what a node reads, from behind dropout, flattening and padding where asked to.

    Raises:
        ModelError: The node joins several layers.
    """
    model = inference.model
    names = {place: name for name, place in model.places.items()}
    place, factor, top, left = model.places[node], 1.0, 0, 0
    while True:
        if len(place.all_input_nodes) != 1:
            raise ModelError(f"the arithmetic of {node} cannot be shown: it joins several layers.")
        (place,) = place.all_input_nodes
        if place.op == "placeholder":
            preprocessing = model.source.preprocessing
            x = to_input(inference.picture.pixels, preprocessing, torch.device("cpu"))
            return Given("", x[0].numpy(), factor, top, left)
        layer = find_layer(model, place) if look_through else None
        if isinstance(layer, nn.Dropout):
            factor *= get_kept(layer)
        elif isinstance(layer, nn.ZeroPad2d):
            left, top = left + layer.padding[0], top + layer.padding[2]
        elif layer != "flatten":
            maps = _to_maps(inference.activations[names[place]])
            return Given(names[place], maps, factor, top, left)


def read_value(inference: Inference, place: Place) -> float:
    """Return the number at a place.

    Raises:
        ModelError: There is no such node, channel or cell.
    """
    if place.node not in inference.activations:
        raise ModelError(f"{inference.model.source.name} has no node {place.node!r}.")
    maps = _to_maps(inference.activations[place.node])
    at = place.channel, place.row, place.column
    if not all(0 <= n < size for n, size in zip(at, maps.shape, strict=True)):
        channels, height, width = maps.shape
        raise ModelError(
            f"{place.node} has {channels} channels of {height} x {width} cells, counted from 0; "
            f"there is no channel {place.channel}, cell {place.row},{place.column}."
        )
    return float(maps[at])


def get_kept(layer: nn.Dropout) -> float:
    """Return what dropout multiplies by in evaluation."""
    return 1 - layer.p if isinstance(layer, MaskDropout) else 1.0


def _to_maps(values: Values) -> Values:
    """Return maps (C, H, W) as they are, and units (D,) as maps of one cell."""
    return values if values.ndim == 3 else values[:, None, None]
