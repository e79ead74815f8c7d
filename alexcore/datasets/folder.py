"""Anyone's pictures, one folder a class: found and digested.

Flow: folder -> ``scan_folder`` -> FolderListing -> ``split_listing`` -> ``load_pixels`` (the
decoded cache) -> Pixels, from which the trainer cuts its batches.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from alexcore.digests import find_digests
from alexcore.errors import DatasetError

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".bmp", ".tif", ".tiff"}
    | {".heic", ".heif", ".jp2", ".mpo", ".ico", ".jfif"}
)

OnProgress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Item:
    """One file: its path below the root, with forward slashes, its class and its sha256."""

    path: str
    label: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FolderListing:
    """All pictures of a folder, in the order of their paths.

    Attributes:
        root: The folder.
        items: The files; one without a class folder has the label ``""``.
    """

    root: Path
    items: tuple[Item, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels in alphabetical order; an index into them is a target."""
        return tuple(sorted({item.label for item in self.items}))

    @property
    def duplicates(self) -> int:
        """How many files repeat the exact bytes of an earlier one."""
        return len(self.items) - len({item.sha256 for item in self.items})

    @property
    def conflicts(self) -> tuple[str, ...]:
        """Digests of files that stand, byte for byte, in more than one class."""
        labels: dict[str, set[str]] = {}
        for item in self.items:
            labels.setdefault(item.sha256, set()).add(item.label)
        return tuple(sorted(digest for digest, found in labels.items() if len(found) > 1))

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits of labels and contents: the same on every machine."""
        lines = sorted(f"{item.label}/{item.sha256}" for item in self.items)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def scan_folder(root: Path, on_progress: OnProgress | None = None) -> FolderListing:
    """Find and digest every picture below ``root``; the folders directly in it are the classes.

    Only pictures that are new or changed are read: see ``alexcore.digests``.

    Args:
        root: A folder-per-class directory, or a flat one.
        on_progress: Called with (files digested, files in all).

    Raises:
        DatasetError: The folder is missing, holds no picture, or one that cannot be read.
    """
    if not root.is_dir():
        raise DatasetError(
            f"there is no folder {root}; give one with a folder of pictures a class."
        )
    paths = sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith(".")
    )
    if not paths:
        raise DatasetError(f"{root} holds no pictures ({', '.join(sorted(SUFFIXES))}).")
    try:
        digests = find_digests(paths, on_progress)
    except OSError as error:
        raise DatasetError(f"cannot read {error.filename}: {error.strerror}.") from error
    items = []
    for path, digest in zip(paths, digests, strict=True):
        parts = path.relative_to(root).parts
        items.append(Item("/".join(parts), parts[0] if len(parts) > 1 else "", digest))
    return FolderListing(root, tuple(items))


def keep_first_copies(items: Iterable[Item]) -> tuple[Item, ...]:
    """Keep one file of each content, so that a copied picture does not count twice."""
    return tuple({item.sha256: item for item in reversed(tuple(items))}.values())[::-1]


def count_by_class(items: tuple[Item, ...]) -> dict[str, int]:
    """Return {label: files}."""
    return dict(sorted(Counter(item.label for item in items).items()))


def find_copy(data: bytes, *folders: Path) -> Path | None:
    """Return the file that holds exactly these bytes, in a folder or in one of its folders.

    Only files of the same size are opened.
    """
    for folder in folders:
        for path in sorted(_list_files(folder, len(data))):
            with suppress(OSError):  # gone meanwhile
                if path.read_bytes() == data:
                    return path
    return None


def _list_files(folder: str | Path, size: int, depth: int = 1) -> Iterator[Path]:
    """Yield the files of a size down to a depth, as fast as the system lists them."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                if entry.is_dir():
                    if depth:
                        yield from _list_files(entry.path, size, depth - 1)
                elif entry.stat().st_size == size:
                    yield Path(entry.path)
