"""Weights on disk: safetensors, full or compact, and into a model; no code runs on load.

Compact: convolutions and small linear layers as int8, with one float32 scale for each output; the
large linear layers, which hold nine weights of ten and bear more, as four bits, with one float16
scale for each 32 inputs of an output; biases stay as they are. It is undone on load.
"""

from collections.abc import Collection
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from alexcore.errors import CheckpointError
from alexcore.files import compute_digest, replacing
from alexcore.runs.run import Run
from alexcore.weights.classifier_keys import to_own_keys
from alexcore.weights.filled import create_filled

_SCALE = ".row_scale"
_BLOCK_SCALE = ".block_scale"
_BLOCK = 32
_LARGE = 1 << 18
"""Weights from which a linear layer is stored in four bits."""


def save_weights(
    path: Path, state: dict[str, Tensor], compact: bool = False, exact: Collection[str] = ()
) -> str:
    """Write a state dict and return the sha256 of the file.

    Args:
        path: The file; replaced in one step.
        state: Float tensors by key.
        compact: Whether to store them as the module says; lossy, a sixth of the size.
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
        if value.ndim == 2 and value.numel() >= _LARGE and value.shape[1] % _BLOCK == 0:
            packed[key], packed[key + _BLOCK_SCALE] = _pack_four_bits(value)
            continue
        others = tuple(range(1, value.ndim))
        scale = value.abs().amax(dim=others, keepdim=True).clamp_min(1e-12) / 127
        packed[key] = (value / scale).round().to(torch.int8)
        packed[key + _SCALE] = scale
    return packed


def _pack_four_bits(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Round each block of an output to -7..7 of its own scale, two weights a byte.

    Returns:
        uint8 (out, in / 2), the first of two neighbours in the low half, and float16
        (out, in / 32).
    """
    blocks = matrix.view(len(matrix), -1, _BLOCK)  # (out, in / 32, 32)
    scale = (blocks.abs().amax(dim=2) / 7).clamp_min(6e-5).half()
    steps = (blocks / scale.float()[..., None]).round().clamp(-7, 7).add(8).to(torch.uint8)
    low, high = steps.view(len(matrix), -1, 2).unbind(2)  # (out, in / 2) each
    return low | (high << 4), scale


def _unpack_four_bits(packed: Tensor, scale: Tensor) -> Tensor:
    steps = torch.stack((packed & 15, packed >> 4), dim=2).flatten(1).float().sub_(8)
    blocks = steps.view(len(packed), -1, _BLOCK)  # (out, in / 32, 32)
    return blocks.mul_(scale.float()[..., None]).flatten(1)


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
        if key.endswith((_SCALE, _BLOCK_SCALE)):
            continue
        if (blocks := packed.get(key + _BLOCK_SCALE)) is not None:
            state[key] = _unpack_four_bits(value, blocks)
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
    state = to_own_keys(load_weights(run.weights_file), run.model)
    return create_filled(run.model, len(run.classes), run.hidden, state, run.config.dropout)
