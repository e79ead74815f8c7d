"""The linear layers' keys as others number them -> the variant's own: known here and nowhere else.

Dropout and flatten take places in ``classifier``, so the same weights have other keys where these
stand elsewhere. The layers are the same three in the same order; only their numbers change.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

from alexcore.models.alexnet_2012 import V01_ORIGINAL

_V01_ARTICLE: dict[str, Any] = {"dropout_before": ("fc6", "fc7")}
V01_CHANGES = {"full": _V01_ARTICLE, "half": _V01_ARTICLE, "original": V01_ORIGINAL}
"""How the nets of version 0.1 differ from those of today, as ``create_model`` takes it."""

_V01 = {
    "classifier.1": "classifier.0",
    "classifier.4": "classifier.3",
    "classifier.6": "classifier.5",
}
_FLATTENED = {
    "classifier.2": "classifier.1",
    "classifier.5": "classifier.4",
    "classifier.7": "classifier.6",
}
_OTHERS = {"full": _V01, "half": _V01, "torchvision": _FLATTENED}
"""The first article's net is torchvision's with its flatten inside the classifier."""


def to_own_keys(state: Mapping[str, Tensor], model: str) -> dict[str, Tensor]:
    """Rename the linear layers of a state dict to what a variant calls them.

    Args:
        state: Under the variant's own keys or another numbering of them; tensors are passed on.
        model: The variant's name.

    Returns:
        Under the variant's own keys; unchanged where the numbering is none that is known.
    """
    names = _OTHERS.get(model, {})
    if _list_linear_layers(state) != set(names):
        return dict(state)
    renamed = {}
    for key, value in state.items():
        layer, _, kind = key.rpartition(".")
        renamed[f"{names.get(layer, layer)}.{kind}"] = value
    return renamed


def is_from_v01(keys: Iterable[str], model: str) -> bool:
    """Whether a state dict of ``model`` has the keys, and so the dropout, of version 0.1."""
    return model in V01_CHANGES and _list_linear_layers(keys) == set(_V01)


def describe_v01(model: str) -> str:
    """Return what must be said of a run that was trained as version 0.1's net."""
    if model == "original":
        return (
            "Trained as version 0.1's net, with conv1 padded by 2, each norm behind its ReLU and "
            "over all channels, and dropout before fc6 and fc7; the authors' program differs."
        )
    return (
        "Trained as version 0.1's net, with dropout before fc6 and fc7; the article's net has it "
        "before fc7 alone."
    )


def _list_linear_layers(keys: Iterable[str]) -> set[str]:
    return {key.rpartition(".")[0] for key in keys if key.startswith("classifier.")}
