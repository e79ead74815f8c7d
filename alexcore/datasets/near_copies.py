"""Near copies: pictures of one photograph or drawing, scaled, compressed or coloured otherwise.

FolderListing -> ``find_near_copies`` -> pairs of a perceptual hash within ``NEAR`` bits, which
``split_listing`` holds together and the page shows. Hashes are computed once for each content.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alexcore.datasets.folder import FolderListing, Item, OnProgress, keep_first_copies
from alexcore.digests import load_kept, store_kept
from alexcore.errors import ImageError
from alexcore.images.decode import decode_image

BITS = 256
"""Length of a hash: the signs of 16 x 16 low frequencies against their median."""

NEAR = 48
"""Bits in which the hashes of near copies differ at most; docs/decisions.md has the measurement."""

_NAME = "perceptual-1.json"  # the number changes with the hash
_ENOUGH = (128, 128)  # pixels; the hash looks at 64 x 64
_PLAIN = 64  # bits; a hash has half of its bits set, and few where there is nothing to see
_BLOCK = 128  # rows of distances at a time, few enough for the processor's cache


@dataclass(frozen=True, slots=True)
class NearPair:
    """Two pictures of different bytes that show the same, and the bits their hashes differ in."""

    first: Item
    second: Item
    distance: int


def find_near_copies(
    listing: FolderListing, on_progress: OnProgress | None = None
) -> tuple[NearPair, ...]:
    """Return pairs that link all near copies, the closest first: n - 1 pairs for n of one picture.

    Exact copies count as one picture; what cannot be decoded, or is plain, is near to nothing.

    Args:
        listing: From ``scan_folder``.
        on_progress: Called with (pictures hashed, pictures to hash) where some are new.
    """
    contents = keep_first_copies(listing.items)
    hashes = _find_hashes(listing.root, contents, on_progress)
    items = [item for item in contents if hashes.get(item.sha256)]
    packed = np.frombuffer(bytes.fromhex("".join(hashes[item.sha256] for item in items)), np.uint64)
    rows, columns, distances = link_near(packed.reshape(-1, BITS // 64))
    pairs = [
        NearPair(items[row], items[column], int(distance))
        for row, column, distance in zip(rows, columns, distances, strict=True)
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.distance, pair.first.path)))


def link_near(
    hashes: npt.NDArray[np.uint64], near: int = NEAR
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Link hashes within ``near`` bits: the minimum spanning forest of the graph of all such pairs.

    The forest joins what the graph joins with at most N - 1 pairs, so that a thousand frames of
    one film are a thousand pairs and not half a million.

    Args:
        hashes: (N, W) uint64, W words of 64 bits each.
        near: Bits that may differ.

    Returns:
        Rows and columns of the pairs and their Hamming distances, each (P,).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    count = len(hashes)
    forest = coo_array((count, count)).tocsr()
    words = np.ascontiguousarray(hashes.T)
    for start in range(0, count, _BLOCK):
        distances = np.zeros((min(_BLOCK, count - start), count - start), np.uint16)
        for word in words:
            distances += np.bitwise_count(word[start : start + _BLOCK, None] ^ word[None, start:])
        rows, columns = np.nonzero(np.triu(distances <= near, 1))
        if len(rows):
            weights = distances[rows, columns] + 1.0  # a sparse zero would be no pair
            pairs = coo_array((weights, (rows + start, columns + start)), (count, count))
            forest = minimum_spanning_tree(forest + pairs)
    linked = forest.tocoo()
    return *linked.coords, linked.data.astype(np.int64) - 1


def _find_hashes(
    root: Path, items: Sequence[Item], on_progress: OnProgress | None
) -> dict[str, str]:
    """Return {sha256: hash as 64 hex digits, "" for a plain picture}; new contents are hashed."""
    kept: dict[str, str] = load_kept(_NAME)
    missing = [item for item in items if item.sha256 not in kept]
    if not missing:
        return kept
    made: dict[str, str] = {}
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            hashes = pool.map(lambda item: _compute_hash(root / item.path), missing)
            for done, (item, found) in enumerate(zip(missing, hashes, strict=True), start=1):
                if found is not None:
                    made[item.sha256] = found
                if on_progress is not None:
                    on_progress(done, len(missing))
    finally:  # what was hashed before somebody stopped it need not be hashed again
        kept = load_kept(_NAME) | made  # with what other processes kept meanwhile
        store_kept(_NAME, kept)
    return kept


def _compute_hash(path: Path) -> str | None:
    """Return the perceptual hash of a picture, None where there is none to be seen.

    The hash of C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions",
    2010, section 3.2.1, as ImageHash computes it, of 256 bits.
    """
    import imagehash

    try:
        found = imagehash.phash(decode_image(path, enough=_ENOUGH).image, hash_size=16)
    except ImageError:
        return None
    return str(found) if found.hash.sum() > _PLAIN else ""
