"""Two traces side by side: layers aligned by name, what differs in each, and the totals.

Trace, Trace -> ``compare_traces`` -> Comparison.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher

from alexcore.inspection.trace import Layer, Trace


@dataclass(frozen=True, slots=True)
class Pair:
    """Layers that stand for each other; one of them is None where a net lacks the layer."""

    left: Layer | None
    right: Layer | None

    @property
    def label(self) -> str:
        """The layer's name, the left net's first."""
        layer = self.left or self.right
        return layer.label if layer else ""

    @property
    def changed(self) -> frozenset[str]:
        """Which of kind, attributes, out_shape, params, mult_adds and receptive_field differ."""
        if self.left is None or self.right is None:
            return frozenset({"kind"})
        left, right = self.left, self.right
        differs = {
            "kind": left.kind != right.kind,
            "attributes": left.attributes != right.attributes,
            "out_shape": left.out_shape != right.out_shape,
            "params": left.params != right.params,
            "mult_adds": left.mult_adds != right.mult_adds,
            "receptive_field": left.receptive_field != right.receptive_field,
        }
        return frozenset(name for name, yes in differs.items() if yes)


@dataclass(frozen=True, slots=True)
class Total:
    """One figure of both nets; ``ratio`` is right over left."""

    name: str
    left: int
    right: int

    @property
    def ratio(self) -> float:
        """Right over left; infinite where the left is 0."""
        return self.right / self.left if self.left else float("inf")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two nets, their layers aligned in the order of computation."""

    left: Trace
    right: Trace
    pairs: tuple[Pair, ...]

    @property
    def totals(self) -> tuple[Total, ...]:
        """Parameters, mult-adds and activation bytes of both."""
        left, right = self.left, self.right
        return (
            Total("parameters", left.params, right.params),
            Total("mult-adds", left.mult_adds, right.mult_adds),
            Total("activation bytes, inference", left.peak_bytes, right.peak_bytes),
            Total("activation bytes, training", left.saved_bytes, right.saved_bytes),
            Total("layers", len(left.layers), len(right.layers)),
        )


def compare_traces(left: Trace, right: Trace) -> Comparison:
    """Align two traces by the layers' names; a layer only one net has stands alone."""
    ours = [layer.label for layer in left.layers]
    theirs = [layer.label for layer in right.layers]
    pairs: list[Pair] = []
    for kind, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs += [Pair(x, y) for x, y in zip(left.layers[a:b], right.layers[c:d], strict=True)]
        else:
            pairs += [Pair(layer, None) for layer in left.layers[a:b]]
            pairs += [Pair(None, layer) for layer in right.layers[c:d]]
    return Comparison(left, right, tuple(pairs))
