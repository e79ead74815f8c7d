"""Does a net look at the creature? Grad-CAM of drawn pictures against the masks they were drawn by.

LoadedModel + pictures of a drawn set -> Grad-CAM of each one's class -> its share on the creature.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from alexcore.datasets.creatures import IMAGE_SIZE, draw_parts, find_drawn
from alexcore.datasets.folder import FolderListing, OnProgress
from alexcore.errors import DatasetError
from alexcore.features.attribution import Heatmap, compute_heatmap
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array, to_input
from alexcore.inference.model import LoadedModel

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Focus:
    """Where a net's heatmaps lie, over some pictures.

    Attributes:
        pictures: How many.
        share: Mean share of the heatmaps' positive mass that lies on the creature, in [0, 1].
        area: Mean share of the picture that the creature covers: what chance would give.
    """

    pictures: int
    share: float
    area: float


def compute_share(heat: Heatmap, mask: Mask) -> float:
    """Return the share of a heatmap's positive mass within a mask, in [0, 1].

    Args:
        heat: (H, W), from ``compute_heatmap``.
        mask: (H, W).

    Returns:
        Nan where nothing raises the score.
    """
    positive = np.clip(heat, 0, None)
    return float(positive[mask].sum() / positive.sum()) if positive.any() else float("nan")


def measure_focus(
    model: LoadedModel, pictures: FolderListing, drawn: str, on_progress: OnProgress | None = None
) -> Focus:
    """Measure how much of Grad-CAM of each picture's own class lies on its creature.

    Args:
        model: Whose classes are the set's species; outputs without names, of random weights or of
            a file, stand for them in alphabetical order.
        pictures: Of a drawn set, as ``create_creatures`` names them.
        drawn: The set's name, a key of ``SETS``.
        on_progress: Called with (pictures done, pictures in all).

    Raises:
        DatasetError: The set or a picture's name is no drawn one's, or the model does not know a
            species of it.
    """
    unnamed = model.source.run is None and len(model.classes) == len(pictures.classes)
    classes = pictures.classes if unnamed else model.classes
    if strange := {*pictures.classes} - {*classes}:
        raise DatasetError(f"{model.source.name} does not know {', '.join(sorted(strange))}.")
    found = []
    for done, item in enumerate(pictures.items, start=1):
        pixels, mask = _read(model, pictures.root / item.path, drawn)
        x = to_input(pixels, model.source.preprocessing, model.device)
        heat = compute_heatmap(model.module, x, classes.index(item.label), "Grad-CAM")
        found.append((compute_share(heat, mask), mask.mean()))
        if on_progress is not None:
            on_progress(done, len(pictures.items))
    return _average(found)


def _average(found: Sequence[tuple[float, float]]) -> Focus:
    shares, areas = np.array(found).T
    return Focus(len(found), float(np.nanmean(shares)), float(areas.mean()))


def _read(model: LoadedModel, path: Path, drawn: str) -> tuple[npt.NDArray[np.uint8], Mask]:
    """Return the crop the net gets of a picture, and the creature's mask in it."""
    preprocessing = model.source.preprocessing
    whole = draw_parts(*find_drawn(path), IMAGE_SIZE, drawn)["creature"]
    mask = to_array(Image.fromarray(whole.astype(np.uint8) * 255), preprocessing)[..., 0] > 127
    return to_array(load_image(path), preprocessing), mask
