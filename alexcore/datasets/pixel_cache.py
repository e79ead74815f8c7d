"""The decoded cache: every picture of a listing read once, resized, kept as uint8 on disk.

One file of bytes for all pictures, memory-mapped, and one index beside it, both named by what
is in them, so that two writers make the same file and a damaged one is made again.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alexcore.datasets.folder import Item, OnProgress
from alexcore.errors import DatasetError, ImageError
from alexcore.files import replacing
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import resize_image

Bytes = npt.NDArray[np.uint8]
_VERSION = 1
_DATA, _INDEX = ".u8", ".json"


@dataclass(frozen=True, slots=True)
class Pixels:
    """Decoded pictures, each (H, W, 3) with the same shorter side.

    Attributes:
        items: The files that could be read, in the order of the pictures.
        data: All pixels, flat uint8, usually a memory map.
        offsets: Where each picture starts in ``data``, int64 (N,).
        sizes: Height and width of each, int64 (N, 2).
        unreadable: What was left out: (path, why).
    """

    items: tuple[Item, ...]
    data: Bytes
    offsets: npt.NDArray[np.int64]
    sizes: npt.NDArray[np.int64]
    unreadable: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.items)

    def get(self, index: int) -> Bytes:
        """Return one picture (H, W, 3) as a view of the cache."""
        height, width = (int(n) for n in self.sizes[index])
        start = int(self.offsets[index])
        return self.data[start : start + height * width * 3].reshape(height, width, 3)

    def crop(self, indices: Sequence[int], corners: npt.NDArray[np.float64], side: int) -> Bytes:
        """Cut one square from each of the given pictures.

        Args:
            indices: B pictures.
            corners: (B, 2) in [0, 1]: where the crop lies between top and bottom, left and
                right; 0.5 is the centre.
            side: Side of the squares in pixels.

        Returns:
            (B, side, side, 3) uint8.
        """
        batch = np.empty((len(indices), side, side, 3), np.uint8)
        starts = self.find_corners(indices, corners, side)
        for row, index in enumerate(indices):
            top, left = starts[row]
            batch[row] = self.get(index)[top : top + side, left : left + side]
        return batch

    def find_corners(
        self, indices: Sequence[int], corners: npt.NDArray[np.float64], side: int
    ) -> npt.NDArray[np.int64]:
        """Return top and left of each crop in pixels, int64 (B, 2)."""
        slack = self.sizes[list(indices)] - side
        return np.rint(corners * slack).astype(np.int64)


def load_pixels(
    root: Path,
    items: Sequence[Item],
    resize: int,
    cache: Path,
    on_progress: OnProgress | None = None,
) -> Pixels:
    """Decode pictures, or map the cache of an earlier call with the same contents.

    Args:
        root: The folder the items' paths are below.
        items: From a listing.
        resize: Length of the shorter side in pixels.
        cache: Folder for the cache; created when missing.
        on_progress: Called with (pictures decoded, pictures in all) when they must be decoded.

    Returns:
        The pictures that could be read; the others are named in ``unreadable``.

    Raises:
        DatasetError: None could be read, or the cache cannot be written.
    """
    content = "\n".join(f"{item.path}:{item.sha256}" for item in items)
    key = hashlib.sha256(f"{_VERSION}/{resize}/{content}".encode()).hexdigest()[:20]
    file = cache / key
    found = _open_cache(file, items)
    if found is not None:
        return found
    try:
        _decode_all(root, items, resize, file, on_progress)
    except OSError as error:
        raise DatasetError(f"cannot write the decoded cache in {cache}: {error}.") from error
    made = _open_cache(file, items)
    if made is None:
        raise DatasetError(f"the decoded cache in {cache} does not read back; is the disk sound?")
    return made


def _open_cache(file: Path, items: Sequence[Item]) -> Pixels | None:
    """Return the cached pictures, or None when they are missing or do not hold together."""
    data_file = file.with_suffix(_DATA)
    try:
        index = json.loads(file.with_suffix(_INDEX).read_text(encoding="utf-8"))
        sizes = np.asarray(index["sizes"], np.int64).reshape(-1, 2)
        lengths = sizes[:, 0] * sizes[:, 1] * 3
        if data_file.stat().st_size != int(lengths.sum()):
            return None
        data = np.memmap(data_file, np.uint8, mode="r")
        by_path = {item.path: item for item in items}
        kept = tuple(by_path[path] for path in index["paths"])
        unreadable = tuple((str(path), str(why)) for path, why in index["unreadable"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    return Pixels(kept, data, offsets, sizes, unreadable)


def _decode_all(
    root: Path,
    items: Sequence[Item],
    resize: int,
    file: Path,
    on_progress: OnProgress | None,
) -> None:
    sizes, paths, unreadable = [], [], []
    with replacing(file.with_suffix(_DATA)) as partial, partial.open("wb") as data:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            decoded = pool.map(lambda item: _decode(root / item.path, resize), items)
            for done, (item, pixels) in enumerate(zip(items, decoded, strict=True), start=1):
                if isinstance(pixels, str):
                    unreadable.append((item.path, pixels))
                else:
                    data.write(pixels.tobytes())
                    sizes.append(pixels.shape[:2])
                    paths.append(item.path)
                if on_progress is not None:
                    on_progress(done, len(items))
        if not paths:
            raise DatasetError(
                f"none of the {len(items)} pictures in {root} could be read; the first: "
                f"{unreadable[0][1]}"
            )
    index = {"sizes": sizes, "paths": paths, "unreadable": unreadable}
    with replacing(file.with_suffix(_INDEX)) as partial:
        partial.write_text(json.dumps(index), encoding="utf-8")


def _decode(path: Path, resize: int) -> Bytes | str:
    """Return (H, W, 3) pixels, or why there are none."""
    try:
        return np.asarray(resize_image(load_image(path), resize))
    except ImageError as error:
        return str(error)
