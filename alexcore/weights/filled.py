"""A state dict -> the model it fills: its tensors become the model's own, nothing is copied."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from alexcore.errors import CheckpointError
from alexcore.models import create_model
from alexcore.weights.classifier_keys import V01_CHANGES, is_from_v01


def create_filled(
    name: str, num_classes: int, hidden: int, state: Mapping[str, Tensor], dropout: float = 0.5
) -> nn.Module:
    """Build a variant around tensors that are already there; version 0.1's where its keys say so.

    Tensors that share memory, with each other or with more than themselves, are the exception:
    each parameter has memory of its own.

    Args:
        name: The variant.
        num_classes: Outputs of fc8.
        hidden: Width of fc6 and fc7.
        state: Every parameter and buffer by key; afterwards the model's.
        dropout: With which it was trained; nets of 2012 answer by it.

    Returns:
        The model in evaluation mode.

    Raises:
        CheckpointError: The tensors are not those of the variant.
    """
    changes = V01_CHANGES[name] if is_from_v01(state, name) else {}
    with torch.device("meta"):
        model = create_model(name, num_classes, hidden, dropout=dropout, **changes)
    try:
        model.load_state_dict(_separate(state), assign=True)
    except RuntimeError as error:
        raise CheckpointError(f"these weights do not fit {name}: {error}") from error
    return model.eval()


def _separate(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy what is a view, or lies where another tensor does."""
    found: dict[str, Tensor] = {}
    places: set[int] = set()
    for key, value in state.items():
        storage = value.untyped_storage()
        whole = value.is_contiguous() and storage.nbytes() == value.nbytes
        alone = whole and storage.data_ptr() not in places
        places.add(storage.data_ptr())
        found[key] = value if alone else value.clone(memory_format=torch.contiguous_format)
    return found
