"""Weights files of unknown origin: bytes in, tensors out, and no code of theirs runs.

bytes -> ``torch_file`` (by ``inert_pickle``) -> ``pickled_model`` -> ``tensor_bytes`` -> tensors.
"""

from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

from alexcore.errors import CheckpointError, quote
from alexcore.weights.pickled_model import find_state
from alexcore.weights.tensor_bytes import build_tensors
from alexcore.weights.torch_file import read_torch_file

MAX_BYTES = 1_000_000_000


def load_untrusted(data: bytes) -> dict[str, Tensor]:
    """Read a safetensors file, or a state dict or a whole model saved by torch, by content.

    A checkpoint that holds either under a usual name is opened. A model's class need not be
    installed here: only its tensors are read.

    Raises:
        CheckpointError: It is something else, or cut short.
    """
    if len(data) > MAX_BYTES:
        raise CheckpointError(f"this file has {len(data):,} bytes; at most {MAX_BYTES:,} are read.")
    _refuse_texts(data)
    if data[:2] != b"PK" and data[:1] != b"\x80" and data[8:9] == b"{":
        try:
            return load_safetensors(data)
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                f"this safetensors file is damaged or cut short ({quote(str(error))}). Download "
                "it again."
            ) from error
    file = read_torch_file(data)
    return build_tensors(find_state(file.root), file.storages, len(data))


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
