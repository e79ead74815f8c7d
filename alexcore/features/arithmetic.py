"""How one number of a net comes about: what its cell read, times which weights, and what followed.

(Inference, Place) -> ``explain_cell`` -> Arithmetic, whose ``find_source`` names the next place, so
that one can walk from a class back to the picture. Every layer of the family is a sum of products
over a window and a constant; some do something with the sum.
"""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from torch import nn

from alexcore.errors import ModelError
from alexcore.features.windows import (
    Given,
    Numbers,
    Place,
    Window,
    find_given,
    find_layer,
    get_kept,
    read_value,
)
from alexcore.inference.model import Inference
from alexcore.models.layers_2012 import MaskDropout, SpatialNorm, TowerLinear, TowerNorm

Kind = Literal["weighted sum", "maximum", "mean", "ReLU", "normalisation", "copy"]
Products = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic:
    """A number as a sum of products over what was read, in float64.

    Attributes:
        place: Of the number.
        kind: What the layer does.
        window: What was read.
        weights: (C, H, W) what each value is multiplied by: a kernel; 1 for a pool's maximum and 0
            beside it; the value itself times alpha / n in a normalisation, which sums squares.
        bias: Added to the products.
        value: The number as the net recorded it, float32.
        then: What the layers behind make of it as long as it stays one cell, (node, value) each.
        factor: What evaluation multiplies the input by, and ``weights`` hold already: 0.5 behind
            the dropout of 2012, 1 elsewhere.
        centre: The value that a normalisation divides.
        beta: The exponent of its divisor.
    """

    place: Place
    kind: Kind
    window: Window
    weights: Products
    bias: float
    value: float
    then: tuple[tuple[str, float], ...]
    factor: float = 1.0
    centre: float = 1.0
    beta: float = 0.0

    @property
    def products(self) -> Products:
        """Each value times its weight, (C, H, W)."""
        return self.weights * self.window.values

    @property
    def terms(self) -> Products:
        """What each channel gives, (C,): its products summed over the window."""
        return cast(Products, self.products.sum((1, 2)))

    @property
    def sum(self) -> float:
        """All terms and the bias."""
        return float(self.terms.sum() + self.bias)

    @property
    def total(self) -> float:
        """What the layer makes of the sum: ``value``, but for float32's rounding."""
        if self.kind == "normalisation":
            return float(self.centre * self.sum**-self.beta)
        return max(self.sum, 0.0) if self.kind == "ReLU" else self.sum

    def rank(self, count: int) -> Numbers:
        """Return the terms that give most in either direction, (count,), the most first."""
        return np.argsort(-np.abs(self.terms), kind="stable")[:count]

    def find_source(self, term: int) -> Place | None:
        """Return the cell that gave most to a term in its direction, None within the picture."""
        if not self.window.node:
            return None
        given = self.products[term] * np.sign(self.terms[term])
        shares = given if given.any() else np.abs(self.weights[term])
        at = int(np.where(self.window.inside, shares, -np.inf).argmax())
        row, column = divmod(at, len(self.window.columns))
        return self.locate(term, row, column)

    def locate(self, term: int, row: int, column: int) -> Place:
        """Return the place that a cell of the window has in the layer that is read."""
        window = self.window
        return Place(
            window.node, int(window.channels[term]), int(window.rows[row]),
            int(window.columns[column]),
        )  # fmt: skip


def explain_activation(inference: Inference, place: Place) -> Arithmetic:
    """Return how a number comes about, a ReLU's by what it cuts: it stands in ``then``.

    As ``explain_cell`` in every other layer.
    """
    found = explain_cell(inference, place)
    before = found.find_source(0) if found.kind == "ReLU" else None
    return explain_cell(inference, before) if before else found


def explain_cell(inference: Inference, place: Place) -> Arithmetic:
    """Return how a number comes about.

    Dropout, flattening and zero padding are looked through by the layers with weights: fc6 reads
    the maps of the last pool, as a convolution whose kernel covers them would.

    Args:
        inference: Of the picture.
        place: Of the number.

    Raises:
        ModelError: There is no such place, or its layer is of no kind that is known here.
    """
    value, model = read_value(inference, place), inference.model
    layer = find_layer(model, model.places[place.node])
    given = find_given(inference, place.node, isinstance(layer, nn.Conv2d | nn.Linear))
    then = _follow(inference, place)
    match layer:
        case nn.Conv2d() | nn.Linear():
            window, weights = _read_weighted(layer, given, place)
            bias = 0.0 if layer.bias is None else layer.bias[place.channel].item()
            weights = weights * given.factor
            return Arithmetic(
                place, "weighted sum", window, weights, bias, value, then, given.factor
            )
        case nn.MaxPool2d():
            window = given.cut([place.channel], *_spans(layer, place))
            best = int(np.where(window.inside, window.values[0], -np.inf).argmax())
            weights = np.zeros(window.values.shape)
            weights.flat[best] = 1
            return Arithmetic(place, "maximum", window, weights, 0.0, value, then)
        case nn.AdaptiveAvgPool2d():
            sizes = zip(given.maps.shape[1:], inference.activations[place.node].shape[1:],
                        (place.row, place.column), strict=True)  # fmt: skip
            spans = [np.arange(at * n // out, -(-(at + 1) * n // out)) for n, out, at in sizes]
            window = given.cut([place.channel], *spans)
            weights = np.full(window.values.shape, 1 / window.inside.size)
            return Arithmetic(place, "mean", window, weights, 0.0, value, then)
        case nn.LocalResponseNorm() | SpatialNorm():
            window, share = _read_norm(layer, given, place)
            weights = window.values.astype(np.float64) * share
            centre = float(given.maps[place.channel, place.row, place.column])
            return Arithmetic(place, "normalisation", window, weights, float(layer.k), value, then,
                              centre=centre, beta=layer.beta)  # fmt: skip
    return _explain_copy(layer, given, place, value, then)


def _explain_copy(
    layer: nn.Module | Literal["flatten"] | None, given: Given, place: Place, value: float,
    then: tuple[tuple[str, float], ...],
) -> Arithmetic:  # fmt: skip
    """Return a number that is another one: cut off below 0, moved or scaled."""
    at = [place.channel, place.row, place.column]
    factor = 1.0
    if layer == "flatten":
        at = [int(n) for n in np.unravel_index(place.channel, given.maps.shape)]
    elif isinstance(layer, nn.ZeroPad2d):
        left, _, top, _ = layer.padding
        at = [place.channel, place.row - top, place.column - left]
    elif isinstance(layer, nn.Dropout):
        factor = get_kept(layer)
    elif not isinstance(layer, nn.ReLU):
        raise ModelError(
            f"the arithmetic of {place.node} cannot be shown: it is no layer of an AlexNet."
        )
    window = given.cut(at[:1], np.array(at[1:2]), np.array(at[2:]))
    kind: Kind = "ReLU" if isinstance(layer, nn.ReLU) else "copy"
    return Arithmetic(place, kind, window, np.full((1, 1, 1), factor), 0.0, value, then, factor)


def _follow(inference: Inference, place: Place) -> tuple[tuple[str, float], ...]:
    """Return what the layers behind make of a number while it stays one cell."""
    model, found = inference.model, []
    names = {at: name for name, at in model.places.items()}
    users = [user for user in model.places[place.node].users if user in names]
    while len(users) == 1:
        layer = find_layer(model, users[0])
        if not isinstance(layer, nn.ReLU | nn.LocalResponseNorm | SpatialNorm | MaskDropout):
            break
        node = names[users[0]]
        moved = Place(node, place.channel, place.row, place.column)
        found.append((node, read_value(inference, moved)))
        users = [user for user in users[0].users if user in names]
    return tuple(found)


def _read_weighted(
    layer: nn.Conv2d | nn.Linear, given: Given, place: Place
) -> tuple[Window, Products]:
    """Return the window and the kernel over it; a linear layer's window is all its input."""
    count = len(given.maps)
    if isinstance(layer, nn.Conv2d):
        outputs, towers, spans = layer.out_channels, layer.groups, _spans(layer, place)
    else:
        outputs, towers = layer.out_features, 2 if isinstance(layer, TowerLinear) else 1
        spans = [np.arange(size) for size in given.maps.shape[1:]]
    tower = place.channel // (outputs // towers)
    channels = np.arange(count // towers) + tower * (count // towers)
    window = given.cut(channels, *spans)
    kernel = layer.weight[place.channel].detach().double().cpu().numpy()
    return window, kernel.reshape(window.values.shape)


def _read_norm(
    layer: nn.LocalResponseNorm | SpatialNorm, given: Given, place: Place
) -> tuple[Window, float]:
    """Return the window and alpha / n; what lies beyond the map or the tower counts as 0."""
    reach = np.arange(layer.size) - layer.size // 2
    if isinstance(layer, SpatialNorm):
        window = given.cut([place.channel], place.row + reach, place.column + reach)
        return window, layer.alpha / layer.size**2
    tower = len(given.maps) // (layer.towers if isinstance(layer, TowerNorm) else 1)
    first = place.channel // tower * tower
    channels = place.channel + reach
    channels = channels[(channels >= first) & (channels < first + tower)]
    window = given.cut(channels, np.array([place.row]), np.array([place.column]))
    return window, layer.alpha / layer.size


def _spans(layer: nn.Conv2d | nn.MaxPool2d, place: Place) -> list[Numbers]:
    """Return the rows and the columns that a cell's window covers, in the padded maps."""
    shape = (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    return [
        at * stride - padding + dilation * np.arange(kernel)
        for at, kernel, stride, padding, dilation in zip(
            (place.row, place.column), *(np.broadcast_to(size, 2) for size in shape), strict=True
        )
    ]
