"""Digests of files that are hashed once: (path, size, time of change) -> sha256, kept on disk.

They lie in one file of the data folder, which proves itself by a digest of its own and can be
removed at any time: without it, or with a damaged one, files are hashed again and nothing else.
``load_kept`` and ``store_kept`` do so with whatever else is computed once for a file.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from alexcore.files import compute_digest, write_text
from alexcore.settings import get_data_folder

_NAME = "digests-1.json"  # the number changes with the format
_THREADS = 8
_SETTLED_NS = 2_000_000_000
"""A file changed later than this before it was looked at may change again within one tick of its
file system's clock, two seconds on FAT; its digest is not kept."""

_Stamp = tuple[str, str, int, int]  # folder, name, size in bytes, time of change in nanoseconds
_Folders = dict[str, dict[str, list[int | str]]]  # {folder: {name: [size, changed, sha256]}}


def find_digests(
    paths: Sequence[Path], on_progress: Callable[[int, int], object] | None = None
) -> list[str]:
    """Return the sha256 of each file's bytes; those that are new or changed are hashed.

    Args:
        paths: Any files.
        on_progress: Called with (files known or hashed, files in all).

    Raises:
        OSError: A file cannot be read; its ``filename`` says which.
    """
    now = time.time_ns()
    stamps = [_stamp(path) for path in paths]
    kept: _Folders = load_kept(_NAME)
    found = [_look_up(kept, stamp) for stamp in stamps]
    missing = [place for place, digest in enumerate(found) if not digest]
    done = len(paths) - len(missing)
    if on_progress is not None and done:
        on_progress(done, len(paths))
    hashed: dict[_Stamp, str] = {}
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            digests = pool.map(compute_digest, [paths[place] for place in missing])
            for place, digest in zip(missing, digests, strict=True):
                found[place] = hashed[stamps[place]] = digest
                done += 1
                if on_progress is not None:
                    on_progress(done, len(paths))
    finally:  # what was hashed before somebody stopped it need not be hashed again
        _store({stamp: d for stamp, d in hashed.items() if now - stamp[3] > _SETTLED_NS})
    return found


def _stamp(path: Path) -> _Stamp:
    """Return what tells a file's state without reading it."""
    at = path.stat()
    folder, name = os.path.split(path.absolute())
    return folder, name, at.st_size, at.st_mtime_ns


def _look_up(kept: _Folders, stamp: _Stamp) -> str:
    """Return the kept digest of a file in this very state, ``""`` for none."""
    folder, name, *state = stamp
    *known, digest = kept.get(folder, {}).get(name, (-1, -1, ""))
    return str(digest) if known == state else ""


def load_kept(name: str) -> dict[str, Any]:
    """Return what a file of the data folder keeps; nothing where it is missing or damaged."""
    try:
        proof, body = (get_data_folder() / name).read_bytes().split(b"\n", 1)
    except (OSError, ValueError):
        return {}
    if hashlib.sha256(body).hexdigest().encode() != proof:
        return {}
    kept: dict[str, Any] = json.loads(body)
    return kept


def store_kept(name: str, kept: Mapping[str, Any]) -> None:
    """Write what ``load_kept`` returns, in one step, as long as the disk takes it."""
    body = json.dumps(kept, separators=(",", ":"))
    proof = hashlib.sha256(body.encode()).hexdigest()
    with suppress(OSError):  # a disk that is full or read-only: they are hashed another time
        write_text(get_data_folder() / name, f"{proof}\n{body}")


def _store(digests: Mapping[_Stamp, str]) -> None:
    """Keep digests beside those that other processes kept meanwhile."""
    if not digests:
        return
    kept: _Folders = load_kept(_NAME)
    for (folder, name, size, changed), digest in digests.items():
        kept.setdefault(folder, {})[name] = [size, changed, digest]
    store_kept(_NAME, kept)
