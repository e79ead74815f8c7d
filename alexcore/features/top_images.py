"""The pictures that drive each channel most, found in one pass over a folder and kept on disk.

listing + model -> ``find_top_images`` -> TopImages -> a file named by run, weights and pictures.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from alexcore.datasets.folder import FolderListing, OnProgress, keep_first_copies
from alexcore.datasets.pixel_cache import load_pixels
from alexcore.features.kept import load_arrays, save_arrays
from alexcore.images.preprocessing import normalise
from alexcore.inference.extract import create_extractor
from alexcore.inference.model import LoadedModel

KEPT = 9
_BATCH = 32
_KINDS = ("values", "pictures", "cells", "means")


@dataclass(frozen=True, slots=True)
class TopImages:
    """For every channel of some nodes its strongest cells, at most one a picture.

    Attributes:
        paths: The pictures looked at, below their root.
        values: {node: (C, 9) float32}, the strongest first.
        pictures: {node: (C, 9) int32}, indices into ``paths``.
        cells: {node: (C, 9, 2) int16}, row and column of the strongest cell.
        means: {node: (N, C) float32}, each channel's mean over each picture.
    """

    paths: tuple[str, ...]
    values: dict[str, npt.NDArray[np.float32]]
    pictures: dict[str, npt.NDArray[np.int32]]
    cells: dict[str, npt.NDArray[np.int16]]
    means: dict[str, npt.NDArray[np.float32]]


def find_top_images(
    listing: FolderListing,
    model: LoadedModel,
    cache: Path,
    on_progress: OnProgress | None = None,
    lock: AbstractContextManager[object] | None = None,
) -> TopImages:
    """Look at every picture once and keep the nine strongest cells of every channel.

    The layers are all that give maps (N, C, H, W).

    Args:
        listing: The pictures; exact copies after the first are passed over.
        model: What looks.
        cache: Folder of the decoded cache.
        on_progress: Called with (pictures done, pictures in all).
        lock: Held for each batch alone, so that others get their turn during long work.
    """
    preprocessing = model.source.preprocessing
    nodes = [node for node, field in model.receptive_fields.items() if field is not None]
    items = keep_first_copies(listing.items)
    pixels = load_pixels(listing.root, items, preprocessing.resize, cache)
    extractor = create_extractor(model.module, nodes)
    peaks: dict[str, list[npt.NDArray[np.float32]]] = {node: [] for node in nodes}
    places: dict[str, list[npt.NDArray[np.int16]]] = {node: [] for node in nodes}
    means: dict[str, list[npt.NDArray[np.float32]]] = {node: [] for node in nodes}
    for start in range(0, len(pixels), _BATCH):
        rows = range(start, min(start + _BATCH, len(pixels)))
        squares = pixels.crop(rows, np.full((len(rows), 2), 0.5), preprocessing.crop)
        with lock or nullcontext(), torch.inference_mode():
            outputs = extractor(
                normalise(torch.from_numpy(squares).to(model.device), preprocessing)
            )
        for node, maps in outputs.items():
            flat = maps.flatten(2)
            best = flat.max(dim=2)
            peaks[node].append(best.values.float().cpu().numpy())
            cell = torch.stack([best.indices // maps.shape[3], best.indices % maps.shape[3]], -1)
            places[node].append(cell.cpu().numpy().astype(np.int16))
            means[node].append(flat.mean(dim=2).float().cpu().numpy())
        if on_progress is not None:
            on_progress(rows[-1] + 1, len(pixels))
    paths = tuple(item.path for item in pixels.items)
    found = TopImages(paths, {}, {}, {}, {})
    for node in nodes:
        values, cells = np.concatenate(peaks[node]), np.concatenate(places[node])
        order = np.argsort(-values, axis=0, kind="stable")[:KEPT].T
        channels = np.arange(values.shape[1])[:, None]
        found.values[node] = values[order, channels]
        found.pictures[node] = order.astype(np.int32)
        found.cells[node] = cells[order, channels]
        found.means[node] = np.concatenate(means[node])
    return found


def save_top_images(path: Path, found: TopImages) -> None:
    """Write the result in one step, as NPZ without pickles.

    Raises:
        CheckpointError: The disk is full or closed to us; a former file stays whole.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {"paths": np.array(found.paths)}
    for kind in _KINDS:
        arrays |= {f"{kind}/{node}": array for node, array in getattr(found, kind).items()}
    save_arrays(path, arrays)


def load_top_images(path: Path) -> TopImages | None:
    """Read a result, None when there is none.

    Raises:
        CheckpointError: The file is damaged.
    """
    kept = load_arrays(path, *_KINDS)
    if kept is None:
        return None
    single, layers = kept
    return TopImages(tuple(single["paths"].tolist()), **layers)
