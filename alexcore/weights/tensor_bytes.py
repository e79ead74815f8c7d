"""Records of tensors and the bytes of a file -> tensors, each storage read once and in bounds."""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from alexcore.errors import CheckpointError, quote
from alexcore.weights.tensor_records import StorageRecord, TensorRecord

MAX_VALUES = 250_000_000
"""In all tensors together, shared ones counted each time: a gigabyte as float32."""


def build_tensors(
    records: Mapping[str, TensorRecord], storages: Mapping[str, memoryview], limit: int
) -> dict[str, Tensor]:
    """Read the tensors' bytes; each storage is read once, and only if a tensor needs it.

    Args:
        records: By name.
        storages: The bytes under each key of the file.
        limit: Bytes of the file. Storages that overlap would take more.

    Returns:
        Tensors on the CPU under the same names; those that shared a storage still do.

    Raises:
        CheckpointError: Bytes are missing or overlap, or there are more than ``MAX_VALUES``.
    """
    values = sum(math.prod(record.size) for record in records.values())
    if values > MAX_VALUES:
        raise CheckpointError(
            f"these weights hold {values:,} numbers; at most {MAX_VALUES:,} are read."
        )
    read: dict[tuple[str, torch.dtype], Tensor] = {}
    tensors = {}
    for name, record in records.items():
        storage = record.storage
        key = (storage.key, storage.dtype)
        if key not in read:
            read[key] = _read_storage(storage, storages.get(storage.key), name)
            limit -= read[key].nbytes
            if limit < 0:
                raise CheckpointError("this file is damaged: its tensors lie over one another.")
        start = storage.start + record.offset
        tensors[name] = torch.as_strided(read[key], record.size, record.stride, start)
    return tensors


def _read_storage(storage: StorageRecord, part: memoryview | None, name: str) -> Tensor:
    """Copy a storage's bytes to memory of torch's: the file lets go, and they are aligned."""
    size = storage.total * storage.dtype.itemsize
    if part is None or len(part) < size:
        raise CheckpointError(
            f"this file is damaged or cut short: of {quote(name)} {size:,} bytes should be there, "
            f"and {0 if part is None else len(part):,} are. Download it again."
        )
    flat = torch.empty(size, dtype=torch.uint8)
    flat.numpy()[:] = np.frombuffer(part, np.uint8, size)
    return flat.view(storage.dtype)
