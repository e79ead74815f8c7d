"""A file of ``torch.save``, both kinds: bytes -> what its pickle describes, and where bytes lie.

Since torch 1.6 it is a zip archive of ``data.pkl`` and one stored member a storage; before, and
with ``_use_new_zipfile_serialization=False``, it is five pickles with the storages behind them.
"""

import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alexcore.errors import CheckpointError, quote
from alexcore.weights.inert_pickle import InertReader
from alexcore.weights.tensor_records import CALLS, StorageRecord, load_storage

_MAGIC = 0x1950A86A20F9469CFC6C
_MAX_PICKLE = 32_000_000
_MAX_MEMBERS = 20_000
_CENTRAL_HEADER = b"PK\x01\x02"
_LOCAL_HEADER = b"PK\x03\x04"
_LOCAL_LENGTH = 30
_ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class TorchFile:
    """What a file of ``torch.save`` holds, nothing of it run and no tensor built.

    Attributes:
        root: The saved object: containers, values, ``TensorRecord`` and ``Standin``.
        storages: The bytes under the key of each storage; views of the file.
    """

    root: Any
    storages: Mapping[str, memoryview]


def read_torch_file(data: bytes) -> TorchFile:
    """Read a file of ``torch.save``, whichever kind it is.

    Raises:
        CheckpointError: It is something else, damaged, or made to take more than it is.
    """
    return _read_zip(data) if data[:2] == b"PK" else _read_legacy(data)


def _read_zip(data: bytes) -> TorchFile:
    members = _list_members(data)
    place = min((n for n in members if f"/{n}".endswith("/data.pkl")), key=len, default=None)
    if place is None:
        raise CheckpointError(
            "this zip archive holds no weights of torch's: there is no data.pkl in it."
        )
    folder = place.removesuffix("data.pkl")
    if f"{folder}constants.pkl" in members:
        raise CheckpointError(
            "this is a TorchScript program, and reading it would be running it. Save "
            "model.state_dict() instead."
        )
    order = members.get(f"{folder}byteorder")
    if order and bytes(_find_bytes(data, order)[:8]) != b"little":
        raise CheckpointError("this file was written on a big-endian machine; it is not read here.")
    pickle = _find_bytes(data, members[place])
    if len(pickle) > _MAX_PICKLE:
        raise CheckpointError(f"this file's data.pkl has {len(pickle):,} bytes, which is too many.")
    root = InertReader(io.BytesIO(pickle), CALLS, load_storage).read()
    home = f"{folder}data/"
    storages = {
        name.removeprefix(home): _find_bytes(data, info)
        for name, info in members.items()
        if name.startswith(home)
    }
    return TorchFile(root, storages)


def _list_members(data: bytes) -> dict[str, zipfile.ZipInfo]:
    """Return the archive's directory, unless it is so long that listing it takes its toll."""
    if data.count(_CENTRAL_HEADER) > _MAX_MEMBERS:
        raise CheckpointError(f"this zip archive has more than {_MAX_MEMBERS:,} members.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {info.filename: info for info in archive.infolist()}
    except Exception as error:  # zipfile raises whatever the bytes lead it to
        raise CheckpointError(
            f"this file is damaged: it is cut short ({quote(str(error))}). Download it again."
        ) from error


def _find_bytes(data: bytes, info: zipfile.ZipInfo) -> memoryview:
    """Return where a member's bytes lie; torch stores them as they are, so none are inflated."""
    name = quote(info.filename.rpartition("/")[2])
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        raise CheckpointError(
            f"{name} in this file is compressed or encrypted, which torch never does. Save it "
            "again with torch."
        )
    start = info.header_offset
    header = data[max(0, start) : max(0, start) + _LOCAL_LENGTH]
    if start >= 0 and len(header) == _LOCAL_LENGTH and header.startswith(_LOCAL_HEADER):
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start += _LOCAL_LENGTH + name_length + extra_length
        part = memoryview(data)[start : start + info.file_size]
        if len(part) == info.file_size:
            return part
    raise CheckpointError(
        f"this file is damaged: {name} is not where it should be. Download it again."
    )


def _read_legacy(data: bytes) -> TorchFile:
    file = io.BytesIO(data[:_MAX_PICKLE])
    if InertReader(file, CALLS, load_storage).read() != _MAGIC:
        raise CheckpointError(
            "this file is a pickle, but not one of torch.save. Save model.state_dict() with torch."
        )
    seen: dict[str, StorageRecord] = {}

    def remember(persistent: Any) -> Any:
        record = load_storage(persistent)
        if type(record) is StorageRecord:
            seen.setdefault(record.key, record)
        return record

    _, system, root, keys = (InertReader(file, CALLS, remember).read() for _ in range(4))
    if type(system) is not dict or system.get("little_endian") is not True:
        raise CheckpointError("this file was written on a big-endian machine; it is not read here.")
    return TorchFile(root, _find_legacy_storages(data, file.tell(), keys, seen))


def _find_legacy_storages(
    data: bytes, start: int, keys: Any, seen: Mapping[str, StorageRecord]
) -> dict[str, memoryview]:
    """Walk the storages: 8 bytes of length in values, then the values, in the order of the keys."""
    storages = {}
    view = memoryview(data)
    for key in keys if type(keys) is list else []:
        record = seen.get(key) if type(key) is str else None
        if record is None:
            raise CheckpointError("this file holds values of a kind that is not read here.")
        if view[start : start + 8] != struct.pack("<q", record.total):
            raise CheckpointError("this file is damaged: a storage is not as long as it says.")
        size = record.total * record.dtype.itemsize
        storages[key] = view[start + 8 : start + 8 + size]
        start += 8 + size
    return storages
