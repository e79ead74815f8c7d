"""What a layer's channels do to the classes: the rest of the net is run again without them.

(Inference, node) -> Tail, the net from behind that node on -> ``change_channels`` for some channels
at once, ``rank_channels`` for each alone. The layers before are not run again: what they gave is in
the inference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, fx

from alexcore.devices import device_errors_named
from alexcore.errors import ModelError
from alexcore.inference.model import Inference, Lock

Array = npt.NDArray[np.float32]
_BATCH_VALUES = 8_000_000
"""Values a batch of copies holds at the node: 27 copies of the widest maps of ``full``."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a channel: every cell x is ``scale * x + shift``.

    Attributes:
        scale: 0 takes the channel away, 1 leaves it as it is.
        shift: Added afterwards: with a scale of 0 the value that the channel is held at.
    """

    scale: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """What the net says when one channel alone is changed.

    Attributes:
        before: (K,) logits of the picture as it is.
        after: (C, K) logits, a row a channel.
    """

    before: Array
    after: Array

    def on_logit(self, target: int) -> Array:
        """Return (C,) by how much the logit of a class falls without each channel."""
        return cast(Array, self.before[target] - self.after[:, target])

    def rank(self, target: int, count: int) -> npt.NDArray[np.int64]:
        """Return the channels that do most to the logit of a class, (count,), the most first."""
        return np.argsort(-np.abs(self.on_logit(target)), kind="stable")[:count]

    def on_probability(self, target: int) -> Array:
        """Return (C,) by how much the probability of a class falls without each channel."""
        return cast(Array, to_probabilities(self.before)[target]
                    - to_probabilities(self.after)[:, target])  # fmt: skip


def to_probabilities(logits: Array) -> Array:
    """Return the softmax over the last axis."""
    return cast(Array, torch.tensor(logits).softmax(-1).numpy())


class Tail:
    """A picture's way through a net from behind one of its nodes on."""

    def __init__(self, inference: Inference, node: str) -> None:
        """Cut the net's graph; weights are shared.

        Args:
            inference: Of the picture.
            node: The last that is not run.

        Raises:
            ModelError: There is no such node.
        """
        model = inference.model
        if node not in model.names:
            raise ModelError(f"{model.source.name} has no node {node!r}.")
        self._inference, self._given = inference, [node]
        names = {place: name for name, place in model.places.items()}
        places, first = list(names), model.places[node]
        graph = fx.Graph()
        copies = {first: graph.placeholder("value")}

        def find(place: fx.Node) -> fx.Node:
            if place not in copies:  # runs beside the node, as a shortcut does
                copies[place] = graph.placeholder(f"given_{len(self._given)}")
                self._given.append(names[place])
            return copies[place]

        behind = {first}
        for place in places:
            if behind.intersection(place.all_input_nodes):
                behind.add(place)
                copies[place] = graph.node_copy(place, find)
        graph.output(copies[places[-1]])
        self._run = fx.GraphModule(model.extractor, graph).eval()

    @property
    def values(self) -> Tensor:
        """What the picture gave at the node, (C, H, W) or (D,)."""
        return self._get(self._given[0])

    def __call__(self, values: Tensor) -> Tensor:
        """Map (N, C, H, W) or (N, D) in the node's place to logits (N, K)."""
        beside = [self._get(name) for name in self._given[1:]]
        expanded = [value.expand(len(values), *value.shape) for value in beside]
        return cast(Tensor, self._run(values, *expanded))

    def _get(self, node: str) -> Tensor:
        array = self._inference.activations[node]
        return torch.tensor(array, device=self._inference.model.device)


def change_channels(
    inference: Inference, node: str, changes: Mapping[int, Change], lock: Lock
) -> Array:
    """Return the logits (K,) of a picture with some channels of a layer changed at once.

    Args:
        inference: Of the picture.
        node: One that gives maps or units.
        changes: {channel: what becomes of it}.
        lock: Held while the device computes.

    Raises:
        ModelError: There is no such node or channel.
    """
    tail = Tail(inference, node)
    values = tail.values
    for channel, change in changes.items():
        if not 0 <= channel < len(values):
            raise ModelError(f"{node} has no channel {channel}; it has {len(values)}, from 0 on.")
        values[channel] = values[channel] * change.scale + change.shift
    with lock, device_errors_named(), torch.inference_mode():
        return cast(Array, tail(values[None])[0].float().cpu().numpy())


def rank_channels(
    inference: Inference,
    node: str,
    changes: Mapping[int, Change],
    lock: Lock,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Effects:
    """Change every channel alone, and see what the net then says.

    Channels that a change leaves as they are cost nothing.

    Args:
        inference: Of the picture.
        node: One that gives maps or units.
        changes: {channel: what becomes of it}; others are taken away.
        lock: Held for each batch alone.
        on_progress: Called with (channels done, channels in all).

    Raises:
        ModelError: There is no such node.
    """
    tail = Tail(inference, node)
    values = tail.values
    wanted = [changes.get(channel, Change()) for channel in range(len(values))]
    shape = (-1, *[1] * (values.ndim - 1))
    scales = values.new_tensor([change.scale for change in wanted]).reshape(shape)
    changed = values * scales + values.new_tensor([c.shift for c in wanted]).reshape(shape)
    after = np.repeat(inference.logits[None], len(values), axis=0)
    moved = (changed != values).reshape(len(values), -1).any(1).nonzero().flatten()
    batch = max(1, _BATCH_VALUES // values.numel())
    for start in range(0, len(moved), batch):
        rows = moved[start : start + batch]
        copies = values.repeat(len(rows), *[1] * values.ndim)
        if copies.ndim == 4:  # as CPUs convolve a batch of small maps best
            copies = copies.contiguous(memory_format=torch.channels_last)
        copies[torch.arange(len(rows)), rows] = changed[rows]
        with lock, device_errors_named(), torch.inference_mode():
            after[rows.cpu().numpy()] = tail(copies).float().cpu().numpy()
        on_progress(min(start + batch, len(moved)), len(moved))
    return Effects(inference.logits, after)
