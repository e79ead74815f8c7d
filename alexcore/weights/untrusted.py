"""Weights files of unknown origin: bytes in, tensors out, and no code of theirs runs."""

import io
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

from alexcore.errors import CheckpointError

MAX_BYTES = 1_000_000_000
_NESTED = ("state_dict", "model_state_dict", "model", "net", "weights")


def load_untrusted(data: bytes) -> dict[str, Tensor]:
    """Read a safetensors file, or a state dict saved by torch, by content.

    torch's file is read with ``weights_only=True``, which builds tensors and plain containers
    only. A checkpoint that holds the state dict under a usual name is opened.

    Raises:
        CheckpointError: It is something else, cut short, or would have to run code.
    """
    if len(data) > MAX_BYTES:
        raise CheckpointError(f"this file has {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
    _refuse_texts(data)
    if data[:2] != b"PK" and data[:1] != b"\x80" and data[8:9] == b"{":
        try:
            return load_safetensors(data)
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                f"this safetensors file is damaged or cut short ({error}). Download it again."
            ) from error
    return _find_state(_load_torch(data))


def _refuse_texts(data: bytes) -> None:
    """Name what is often saved in the place of weights."""
    head = data[:400].lstrip().lower()
    if not head:
        raise CheckpointError("this file is empty. Download it again.")
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise CheckpointError(
            "this is a web page, not weights: the download led to an error or a login page."
        )
    if head.startswith(b"version https://git-lfs"):
        raise CheckpointError(
            "this is a Git LFS pointer, not the weights: fetch the file with git lfs pull."
        )


def _load_torch(data: bytes) -> Any:
    if data[:2] == b"PK" and not zipfile.is_zipfile(io.BytesIO(data)):
        raise CheckpointError("this file is damaged: it is cut short. Download it again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "Unsupported global" in str(error) or "Unsupported class" in str(error):
            raise CheckpointError(
                "this file holds a whole model or other Python objects, and reading it would run "
                "code; nothing of it was run. Save model.state_dict() instead."
            ) from error
        raise CheckpointError(f"this file is damaged or no weights file ({error}).") from error
    except Exception as error:  # torch's reader raises whatever the bytes lead it to
        raise CheckpointError(
            f"this file is damaged, cut short, or no weights file ({error})."
        ) from error


def _find_state(loaded: Any) -> dict[str, Tensor]:
    """Return the state dict in what was loaded."""
    if isinstance(loaded, Mapping):
        for name in _NESTED:
            if isinstance(loaded.get(name), Mapping):
                return _find_state(loaded[name])
        if loaded and all(isinstance(value, Tensor) for value in loaded.values()):
            return dict(loaded)
    raise CheckpointError(
        f"this file holds a {type(loaded).__name__} and no state dict. Save model.state_dict()."
    )
