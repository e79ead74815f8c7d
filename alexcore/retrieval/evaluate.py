"""A gallery judged by pictures it does not hold, in its own space and among pixels."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alexcore.datasets.folder import FolderListing, Item, OnProgress
from alexcore.errors import ImageError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_array
from alexcore.retrieval.build import PixelEmbedder, create_thumbnail
from alexcore.retrieval.gallery import Gallery
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.metrics_at_k import RetrievalMetrics, evaluate_retrieval
from alexcore.retrieval.pixels import embed_pixels, read_crop
from alexcore.retrieval.store import Entries, fold_copies

_BATCH = 32


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The same queries in both spaces; pixels are always compared by Euclidean distance."""

    embedding: RetrievalMetrics
    pixels: RetrievalMetrics


def evaluate_gallery(
    gallery: Gallery,
    queries: FolderListing,
    embed: PixelEmbedder,
    metric: Metric,
    on_progress: OnProgress | None = None,
) -> Evaluation:
    """Ask with every query and compare labels; a picture the gallery repeats counts once.

    Args:
        gallery: Of pictures with labels.
        queries: Pictures with labels; those that cannot be read are left out.
        embed: With the model, node and preprocessing of the gallery.
        metric: In the embedding's space.
        on_progress: Called with (queries done, queries in all).

    Raises:
        GalleryError: The gallery cannot be read, or there is nothing to compare.
    """
    preprocessing = gallery.key.preprocessing
    kept: list[Item] = []
    asked_with, count = 0, len(queries.items)
    vectors, pixels = [], []

    def read(item: Item) -> tuple[Item, Crops | None]:
        return item, _read(queries.root / item.path, preprocessing)

    with ThreadPoolExecutor() as pool:
        answers = pool.map(read, queries.items)
        while group := list(islice(answers, _BATCH)):
            good = [(item, crops) for item, crops in group if crops is not None]
            if good:
                kept += [item for item, _ in good]
                vectors.append(embed(np.stack([crops[0] for _, crops in good])))
                pixels.append(embed_pixels(np.stack([crops[1] for _, crops in good])))
            asked_with += len(group)
            if on_progress is not None:
                on_progress(asked_with, count)
    asked = Entries(
        tuple(item.path for item in kept),
        tuple(item.label for item in kept),
        tuple(item.sha256 for item in kept),
        np.concatenate(vectors) if vectors else np.empty((0, 1), np.float32),
        queries.root,
    )
    found = evaluate_retrieval(asked, fold_copies(gallery.entries), metric)
    asked_in_pixels = replace(asked, embeddings=np.concatenate(pixels))
    in_pixels = fold_copies(replace(gallery.entries, embeddings=gallery.load_pixels()))
    return Evaluation(found, evaluate_retrieval(asked_in_pixels, in_pixels))


Crops = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def _read(path: Path, preprocessing: Preprocessing) -> Crops | None:
    """Return the crop of the file and that of its thumbnail, as the gallery has them."""
    try:
        image = load_image(path)
    except ImageError:
        return None
    return to_array(image, preprocessing), read_crop(create_thumbnail(image), preprocessing)
