"""Building a gallery: a folder's pictures and their embeddings, committed in batches.

folder -> listing -> threads decode ahead -> ``PixelEmbedder`` -> Entry -> store. Stopped anywhere,
the next build goes on after the last commit.
"""

import io
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
from PIL import Image

from alexcore.datasets.folder import FolderListing, Item, OnProgress
from alexcore.errors import ImageError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_array
from alexcore.retrieval.store import Entry, Store
from alexcore.settings import Process

THUMBNAIL_SIDE = 192
_BATCH = 32
_POLL_SECONDS = 0.2
_ALONE = Process(0, 1, 1)

PixelEmbedder = Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]
"""uint8 (N, crop, crop, 3) -> embeddings float32 (N, D)."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did: rows now, embedded anew, dropped, and files left out with the reason."""

    rows: int
    embedded: int
    dropped: int
    unreadable: tuple[tuple[str, str], ...]


def build_gallery(
    store: Store,
    listing: FolderListing,
    embed: PixelEmbedder,
    on_progress: OnProgress | None = None,
    process: Process = _ALONE,
) -> BuildReport:
    """Embed every picture of a listing that the gallery does not hold yet.

    Only new and changed files are embedded and removed ones dropped. Several processes share
    the files and append to one table.

    Args:
        store: Of the gallery.
        listing: The pictures, from ``scan_folder``; all of a folder or only some.
        embed: With the model, node and preprocessing of the store's key.
        on_progress: Called with (pictures done, pictures to embed) by this process.
        process: Which of how many this is; the first also drops and tidies.

    Raises:
        GalleryError: The store cannot be written or holds vectors of other weights.
    """
    held = store.list_digests()
    wanted = {item.path for item in listing.items}
    gone = [path for path in held if path not in wanted] if process.is_first else []
    mine = listing.items[process.rank :: process.world]  # whatever others have committed meanwhile
    fresh = [item for item in mine if held.get(item.path) != item.sha256]
    unreadable: list[tuple[str, str]] = []
    embedded = done = 0
    if gone:
        store.delete(gone)
    for chunk in _chunks(fresh, store.commit_rows):

        def on_batch(count: int, before: int = done) -> None:
            if on_progress is not None:
                on_progress(before + count, len(fresh))

        some = FolderListing(listing.root, tuple(chunk))
        rows = _embed(some, embed, store.key.preprocessing, unreadable, on_batch)
        if rows:
            store.add(rows, listing.root)
        embedded += len(rows)
        done += len(chunk)
    if process.is_first and (embedded or gone):
        store.tidy()
    return BuildReport(len(store.list_digests()), embedded, len(gone), tuple(unreadable))


def wait_for_rows(store: Store, count: int, seconds: float) -> bool:
    """Wait until the processes of a build have together committed ``count`` rows."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if len(store.list_digests()) >= count:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _embed(
    listing: FolderListing,
    embed: PixelEmbedder,
    preprocessing: Preprocessing,
    unreadable: list[tuple[str, str]],
    on_batch: Callable[[int], None],
) -> list[Entry]:
    """Return the rows of a listing; decoding runs ahead of the model in threads."""
    rows: list[Entry] = []
    done = 0
    with ThreadPoolExecutor() as pool:
        read = pool.map(lambda item: _read(listing, item, preprocessing), listing.items)
        while group := list(islice(read, _BATCH)):
            good = [found for found in group if isinstance(found, _Decoded)]
            unreadable += [found for found in group if not isinstance(found, _Decoded)]
            if good:
                vectors = embed(np.stack([found.pixels for found in good]))
                rows += [
                    Entry(f.item.path, f.item.label, f.item.sha256, f.thumbnail, vector)
                    for f, vector in zip(good, vectors, strict=True)
                ]
            done += len(group)
            on_batch(done)
    return rows


@dataclass(frozen=True, slots=True)
class _Decoded:
    item: Item
    thumbnail: bytes
    pixels: npt.NDArray[np.uint8]


def _read(
    listing: FolderListing, item: Item, preprocessing: Preprocessing
) -> _Decoded | tuple[str, str]:
    try:
        image = load_image(listing.root / item.path)
    except ImageError as error:
        return item.path, str(error)
    return _Decoded(item, create_thumbnail(image), to_array(image, preprocessing))


def create_thumbnail(image: Image.Image, side: int = THUMBNAIL_SIDE) -> bytes:
    """Return a WebP file of the picture, at most ``side`` pixels on its longer side."""
    small = image.copy()
    small.thumbnail((side, side))
    file = io.BytesIO()
    small.save(file, "WEBP", quality=80, method=2)
    return file.getvalue()


def _chunks(values: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
