"""Weights on disk: safetensors, full or compact, and into a model; no code runs on load.

Compact: convolutions and linear layers as int8, with one float32 scale for each output; biases
stay as they are. It is undone on load.
"""

from collections.abc import Collection
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from alexcore.errors import CheckpointError
from alexcore.files import compute_digest, replacing
from alexcore.models import create_model
from alexcore.runs.run import Run
from alexcore.weights.classifier_keys import to_own_keys

_SCALE = ".row_scale"


def save_weights(
    path: Path, state: dict[str, Tensor], compact: bool = False, exact: Collection[str] = ()
) -> str:
    """Write a state dict and return the sha256 of the file.

    Args:
        path: The file; replaced in one step.
        state: Float tensors by key.
        compact: Whether to store them as the module says; lossy, a quarter of the size.
        exact: Keys that are not made compact.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    tensors = {key: value.detach().cpu().contiguous() for key, value in state.items()}
    if compact:
        tensors = _compact(tensors, exact)
    with replacing(path) as partial:
        partial.write_bytes(save(tensors))  # save_file reports a full disk as its own error
    return compute_digest(path)


def _compact(state: dict[str, Tensor], exact: Collection[str]) -> dict[str, Tensor]:
    packed: dict[str, Tensor] = {}
    for key, value in state.items():
        if value.ndim < 2 or key in exact:
            packed[key] = value
            continue
        others = tuple(range(1, value.ndim))
        scale = value.abs().amax(dim=others, keepdim=True).clamp_min(1e-12) / 127
        packed[key] = (value / scale).round().to(torch.int8)
        packed[key + _SCALE] = scale
    return packed


def load_weights(path: Path) -> dict[str, Tensor]:
    """Read a state dict written by ``save_weights``, as float32.

    Raises:
        CheckpointError: The file is missing, cut short, or not safetensors.
    """
    try:
        packed = load_file(path)
    except FileNotFoundError as error:
        raise CheckpointError(
            f"{path.parent.name} has no {path.name}; only its figures are here."
        ) from error
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged or not safetensors ({error}). Restore the file or train again."
        ) from error
    state = {}
    for key, value in packed.items():
        if key.endswith(_SCALE):
            continue
        scale = packed.get(key + _SCALE)
        state[key] = value.float() if scale is None else value.float() * scale
    return state


def load_model(run: Run) -> nn.Module:
    """Build the run's model and load its weights, those of version 0.1 as well.

    Returns:
        The model in evaluation mode, on the CPU.

    Raises:
        CheckpointError: There are no weights, or they do not fit the model.
    """
    model = create_model(run.model, num_classes=len(run.classes), hidden=run.hidden)
    try:
        model.load_state_dict(to_own_keys(load_weights(run.weights_file), run.model))
    except RuntimeError as error:
        raise CheckpointError(
            f"the weights of {run.name} do not fit {run.model}: {error}"
        ) from error
    return model.eval()
