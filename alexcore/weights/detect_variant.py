"""Somebody's state dict -> which variant it is, its classes and its hidden width."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from alexcore.errors import CheckpointError, ModelError, quote
from alexcore.models.registry import create_model, list_models
from alexcore.weights.classifier_keys import V01_CHANGES, is_from_v01, to_own_keys

_WRAPPERS = ("module.", "_orig_mod.", "model.", "net.")
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Recognised:
    """A state dict that fits one of the variants.

    Attributes:
        model: The variant's name.
        num_classes: Outputs of fc8.
        hidden: Width of fc6 and fc7.
        state: Under the variant's own keys, float32.
    """

    model: str
    num_classes: int
    hidden: int
    state: dict[str, Tensor]


def recognise(state: Mapping[str, Tensor]) -> Recognised:
    """Find the variant whose keys and shapes are those of a state dict.

    Prefixes of DataParallel, torch.compile and Lightning are taken off, and linear layers numbered
    as in the first article, or by version 0.1, get the variant's own keys.

    Raises:
        CheckpointError: It fits none, with what does not fit the nearest; or it holds values
            that are not finite.
    """
    plain = _unwrap(state)
    _refuse_odd_values(plain)
    matrices = [plain[key] for key in sorted(plain) if plain[key].ndim == 2]  # fc6, fc7, fc8
    if len(matrices) < 2:
        shown = ", ".join(map(quote, list(plain)[:_SHOWN]))
        raise CheckpointError(
            f"these {len(plain)} tensors ({shown} ...) are no AlexNet, which has three fully "
            "connected layers."
        )
    num_classes, hidden = int(matrices[-1].shape[0]), int(matrices[-1].shape[1])
    misfits = {}
    for spec in list_models():
        own = to_own_keys(plain, spec.name)
        changes = V01_CHANGES[spec.name] if is_from_v01(own, spec.name) else {}
        try:
            with torch.device("meta"):
                wanted = create_model(spec.name, num_classes, hidden, **changes).state_dict()
        except ModelError:
            continue
        misfits[spec.name] = _compare(own, wanted)
        if not misfits[spec.name]:
            return Recognised(spec.name, num_classes, hidden, own)
    nearest = min(misfits, key=lambda name: len(misfits[name]))
    found = misfits[nearest]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    raise CheckpointError(
        f"these weights fit none of {', '.join(misfits)}. Nearest is {nearest}, but "
        f"{'; '.join(found[:_SHOWN])}{more}."
    )


def _refuse_odd_values(state: Mapping[str, Tensor]) -> None:
    """Refuse tensors that no trained net has."""
    if empty := [key for key, value in state.items() if not value.numel()]:
        raise CheckpointError(f"these weights hold no numbers in {quote(empty[0])}.")
    if broken := [key for key, value in state.items() if not bool(value.isfinite().all())]:
        raise CheckpointError(
            f"these weights hold values that are not finite, first in {quote(broken[0])}: the "
            "training diverged. Use an earlier checkpoint."
        )


def _unwrap(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return float32 tensors without the prefixes that every key has, however they are nested."""
    plain = {key: value for key, value in state.items() if isinstance(value, Tensor)}
    while prefix := _find_wrapper(plain):
        plain = {key.removeprefix(prefix): value for key, value in plain.items()}
    return {key: value.float() for key, value in plain.items()}


def _find_wrapper(keys: Collection[str]) -> str | None:
    """Return the prefix that every key has."""
    return next((p for p in _WRAPPERS if keys and all(key.startswith(p) for key in keys)), None)


def _compare(given: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> list[str]:
    """Return in words what keeps a state dict from fitting."""
    found = [f"{key} is missing" for key in wanted if key not in given]
    found += [f"{quote(key)} is not one of its keys" for key in given if key not in wanted]
    found += [
        f"{key} is {tuple(given[key].shape)} where it has {tuple(wanted[key].shape)}"
        for key in wanted
        if key in given and given[key].shape != wanted[key].shape
    ]
    return found
