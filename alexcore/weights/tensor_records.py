"""Tensors as a file of torch's describes them -> records, once their sizes have been checked.

What ``inert_pickle`` calls for the names of torch makes records only; ``tensor_bytes`` reads the
bytes of those that are wanted.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch

from alexcore.errors import CheckpointError
from alexcore.weights.inert_pickle import Call
from alexcore.weights.standins import Name, Standin

_MAX_DIMS = 8
_MAX_COUNT = 2**40
_DTYPES = {
    "torch.FloatStorage": torch.float32,
    "torch.DoubleStorage": torch.float64,
    "torch.HalfStorage": torch.float16,
    "torch.BFloat16Storage": torch.bfloat16,
    "torch.LongStorage": torch.int64,
    "torch.IntStorage": torch.int32,
    "torch.ShortStorage": torch.int16,
    "torch.CharStorage": torch.int8,
    "torch.ByteStorage": torch.uint8,
    "torch.BoolStorage": torch.bool,
}


@dataclass(frozen=True, slots=True)
class StorageRecord:
    """A run of values in the file.

    Attributes:
        key: Under which the file keeps the bytes.
        dtype: Of the values.
        total: Values under the key.
        start: The first of them that belongs to this storage.
        numel: How many do.
    """

    key: str
    dtype: torch.dtype
    total: int
    start: int
    numel: int


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """A view of a storage, known to lie within it.

    Attributes:
        storage: What it looks at.
        offset: Of its first value, in values.
        size: Its shape.
        stride: Steps between neighbours along each axis, in values.
    """

    storage: StorageRecord
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def load_storage(persistent: Any) -> Any:
    """Return the record a persistent id of torch's stands for; a class for one saved with its text.

    Raises:
        CheckpointError: It is no persistent id of torch's.
    """
    if type(persistent) is tuple and len(persistent) >= 2:
        if persistent[0] == "module" and type(persistent[1]) in (Name, Standin):
            return persistent[1]
        if persistent[0] == "storage" and len(persistent) in (5, 6):
            _, kind, key, _, numel, *view = persistent
            if type(kind) is Name and type(key) is str and _are_counts(numel):
                dtype = _DTYPES.get(kind.text)
                start, count = _read_view(view[0], numel) if view else (0, numel)
                return (
                    StorageRecord(key, dtype, numel, start, count) if dtype else Standin(kind.text)
                )
    raise CheckpointError("this file is damaged: it refers to something that is no storage.")


def _read_view(view: Any, numel: int) -> tuple[int, int]:
    """Return start and length of a part of a storage, which files of before 2018 have."""
    if view is None:
        return 0, numel
    if type(view) is tuple and len(view) == 3 and _are_counts(*view[1:]):
        _, start, count = view
        if start + count <= numel:
            return start, count
    raise CheckpointError("this file is damaged: a part of a storage lies outside it.")


def _rebuild(arguments: tuple[Any, ...]) -> TensorRecord | Standin | None:
    """Check (storage, offset, size, stride, ...); a storage of a kind not read gives a stand-in."""
    if len(arguments) < 4:
        return None
    storage, offset, size, stride = arguments[:4]
    if type(storage) is not StorageRecord:
        return Standin(f"tensor of {storage.of}") if type(storage) is Standin else None
    if not (
        type(size) is tuple
        and type(stride) is tuple
        and len(size) == len(stride) <= _MAX_DIMS
        and _are_counts(offset, *size, *stride)
        and _fits(storage.numel, offset, size, stride)
    ):
        raise CheckpointError(
            f"this file is damaged: a tensor claims more than the {storage.numel:,} values stored "
            "for it."
        )
    return TensorRecord(storage, offset, size, stride)


def _fits(numel: int, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> bool:
    """Whether a view has at most ``numel`` values, none of them outside the storage."""
    if 0 in size:
        return math.prod(max(1, side) for side in size) <= _MAX_COUNT
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    return math.prod(size) <= numel and last < numel


def _are_counts(*values: Any) -> bool:
    return all(type(value) is int and 0 <= value <= _MAX_COUNT for value in values)


def _take_first(arguments: tuple[Any, ...]) -> Any:
    return arguments[0] if arguments else None


def _rebuild_from_type(arguments: tuple[Any, ...]) -> Any:
    """A tensor with attributes of its own: (function, type, its arguments, attributes)."""
    if len(arguments) < 3 or type(arguments[0]) is not Name or type(arguments[2]) is not tuple:
        return None
    meaning = _REBUILD.get(arguments[0].text)
    return meaning(arguments[2]) if meaning else None


def _reconstruct(arguments: tuple[Any, ...]) -> Standin | None:
    """How protocols 0 and 1 make an object: (class, base, state of the base)."""
    cls = _take_first(arguments)
    return Standin(cls.text) if type(cls) is Name else None


_REBUILD: dict[str, Call] = {
    "torch._utils._rebuild_tensor": _rebuild,
    "torch._utils._rebuild_tensor_v2": _rebuild,
    "torch._utils._rebuild_parameter": _take_first,
    "torch._utils._rebuild_parameter_with_state": _take_first,
}
CALLS: dict[str, Call] = _REBUILD | {
    "torch._tensor._rebuild_from_type_v2": _rebuild_from_type,
    "torch.Size": _take_first,
    "torch._dynamo.eval_frame.OptimizedModule": _take_first,
    "copyreg._reconstructor": _reconstruct,
    "copy_reg._reconstructor": _reconstruct,
}
"""What calls of these names mean to ``InertReader``."""
