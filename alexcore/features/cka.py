"""How alike the layers of two nets are: linear CKA over the same pictures.

pictures + LoadedModel -> ``compute_grams``, for each net -> ``compare_layers`` -> LayerSimilarity.
Kornblith et al. 2019, "Similarity of neural network representations revisited",
https://arxiv.org/abs/1905.00414.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from alexcore.datasets.creatures import CREATURES, SETS
from alexcore.datasets.folder import FolderListing, OnProgress, scan_folder
from alexcore.datasets.sources import find_folder, open_source
from alexcore.datasets.split import list_validation
from alexcore.devices import device_errors_named
from alexcore.features.focus import pick_evenly
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import normalise, to_array
from alexcore.inference.embeddings import pool_maps
from alexcore.inference.extract import create_extractor
from alexcore.inference.model import LoadedModel
from alexcore.runs.config import SplitRule
from alexcore.sources import ModelSource

PICTURES = 200
"""At most; evenly from all classes."""

_BATCH = 32
Gram = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LayerSimilarity:
    """Every layer of one net against every layer of another.

    Attributes:
        left: Layers of the one, L of them.
        right: Layers of the other, M of them.
        values: Linear CKA in [0, 1], float64 (L, M).
        pictures: Over how many.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    values: npt.NDArray[np.float64]
    pictures: int

    def to_csv(self) -> str:
        """Return a table, a row for each layer of the one net, a column for each of the other."""
        rows = (
            ",".join((label, *(f"{value:.6g}" for value in row)))
            for label, row in zip(self.left, self.values, strict=True)
        )
        return "\n".join((",".join(("layer", *self.right)), *rows, ""))


def find_pictures(source: ModelSource) -> str:
    """Return the name of the pictures a net is asked about: those it was trained on, if here.

    Sets that are drawn count as here; in place of others stands the demo set.
    """
    own = source.trained_on
    return own if own and (own in SETS or find_folder(own)) else CREATURES


def find_rule(source: ModelSource) -> SplitRule:
    """Return how the pictures of ``find_pictures`` are parted: as for its training, if they are."""
    drawn = SplitRule(keep_near_copies=True)  # each from a seed of its own: there are no copies
    return source.split_rule if find_pictures(source) == source.trained_on else drawn


def choose_pictures(source: ModelSource, on_progress: OnProgress | None = None) -> list[Path]:
    """Return up to ``PICTURES`` of those held out of a net's training, evenly from all classes.

    Args:
        source: The net; see ``find_pictures``.
        on_progress: Called with (pictures done, pictures in all) while they are made and read.

    Raises:
        DatasetError: They cannot be made, read or split.
    """
    name = find_pictures(source)
    root = find_folder(name) or open_source(name, on_progress)
    held_out = list_validation(scan_folder(root, on_progress), find_rule(source), on_progress)
    return [root / item.path for item in pick_evenly(FolderListing(root, held_out), PICTURES).items]


def compute_grams(
    model: LoadedModel,
    pictures: Sequence[Path],
    on_progress: OnProgress | None = None,
    lock: AbstractContextManager[object] | None = None,
) -> dict[str, Gram]:
    """Return how alike the pictures are to each layer, in one pass.

    Maps are averaged over space first, so that what counts is which channels answer a picture, not
    where; flattened maps of all pictures would take gigabytes.

    Args:
        model: What looks.
        pictures: N files.
        on_progress: Called with (pictures done, pictures in all).
        lock: Held for each batch alone.

    Returns:
        {layer: (N, N)}, the Gram matrix of the centred features divided by its norm; zeros of a
        layer that answers all pictures alike.

    Raises:
        ImageError: A picture cannot be read.
    """
    preprocessing = model.source.preprocessing
    extractor = create_extractor(model.module, {n: label for label, n in model.layers.items()})
    found: dict[str, list[npt.NDArray[np.float32]]] = {label: [] for label in model.layers}
    for start in range(0, len(pictures), _BATCH):
        files = pictures[start : start + _BATCH]
        crops = np.stack([to_array(load_image(file), preprocessing) for file in files])
        with lock or nullcontext(), device_errors_named(), torch.inference_mode():
            x = normalise(torch.from_numpy(crops).to(model.device), preprocessing)
            for label, output in extractor(x).items():
                found[label].append(pool_maps(output).cpu().numpy())
        if on_progress is not None:
            on_progress(start + len(files), len(pictures))
    return {label: compute_gram(np.concatenate(parts)) for label, parts in found.items()}


def compute_gram(features: npt.NDArray[np.float32]) -> Gram:
    """Return the Gram matrix (N, N) of features (N, D), centred, over its Frobenius norm."""
    centred = features - features.mean(axis=0, dtype=np.float64)
    gram = centred @ centred.T
    norm = np.linalg.norm(gram)
    return np.asarray(gram / norm if norm > 0 else np.zeros_like(gram))


def compare_layers(left: Mapping[str, Gram], right: Mapping[str, Gram]) -> LayerSimilarity:
    """Return the linear CKA of all pairs of layers, equation (5) of Kornblith et al.

    Args:
        left: From ``compute_grams`` of the one net.
        right: Of the other, over the same pictures.
    """
    ours, theirs = (np.stack(list(grams.values())) for grams in (left, right))
    values = np.tensordot(ours, theirs, axes=((1, 2), (1, 2)))
    return LayerSimilarity(tuple(left), tuple(right), values, ours.shape[1])
