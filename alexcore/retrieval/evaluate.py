"""A gallery judged by pictures it does not hold, in its own space and among pixels."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from alexcore.datasets.folder import Item, OnProgress
from alexcore.errors import ImageError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_array
from alexcore.retrieval.build import PixelEmbedder, create_thumbnail
from alexcore.retrieval.gallery import Gallery
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.metrics_at_k import RetrievalMetrics, evaluate_retrieval
from alexcore.retrieval.pixels import embed_pixels, read_crop
from alexcore.retrieval.store import fold_copies

_BATCH = 32


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The same queries in both spaces; pixels are always compared by Euclidean distance."""

    embedding: RetrievalMetrics
    pixels: RetrievalMetrics


def evaluate_gallery(
    gallery: Gallery,
    root: Path,
    queries: Sequence[Item],
    embed: PixelEmbedder,
    metric: Metric,
    on_progress: OnProgress | None = None,
) -> Evaluation:
    """Ask with every query and compare labels; a picture the gallery repeats counts once.

    Args:
        gallery: Of pictures with labels.
        root: The folder the queries' paths are below.
        queries: Pictures with labels; those that cannot be read are left out.
        embed: With the model, node and preprocessing of the gallery.
        metric: In the embedding's space.
        on_progress: Called with (queries done, queries in all).

    Raises:
        GalleryError: The gallery cannot be read, or there is nothing to compare.
    """
    preprocessing = gallery.key.preprocessing
    kept: list[Item] = []
    vectors, pixels = [], []
    with ThreadPoolExecutor() as pool:
        read = pool.map(lambda item: (item, _read(root / item.path, preprocessing)), queries)
        while group := list(islice(read, _BATCH)):
            good = [(item, crops) for item, crops in group if crops is not None]
            if good:
                kept += [item for item, _ in good]
                vectors.append(embed(np.stack([crops[0] for _, crops in good])))
                pixels.append(embed_pixels(np.stack([crops[1] for _, crops in good])))
            if on_progress is not None:
                on_progress(min(len(kept), len(queries)), len(queries))
    labels, digests = [item.label for item in kept], [item.sha256 for item in kept]
    empty = np.empty((0, 1), np.float32)
    asked = np.concatenate(vectors) if vectors else empty
    rows = fold_copies(gallery.rows)
    found = evaluate_retrieval(asked, labels, digests, rows, metric)
    in_pixels = fold_copies(replace(gallery.rows, embeddings=gallery.load_pixels()))
    return Evaluation(found, evaluate_retrieval(np.concatenate(pixels), labels, digests, in_pixels))


Crops = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


def _read(path: Path, preprocessing: Preprocessing) -> Crops | None:
    """Return the crop of the file and that of its thumbnail, as the gallery has them."""
    try:
        image = load_image(path)
    except ImageError:
        return None
    return to_array(image, preprocessing), read_crop(create_thumbnail(image), preprocessing)
