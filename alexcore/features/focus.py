"""Does a net look at the creature, and which heatmaps can say so? Drawn pictures have masks.

LoadedModel + pictures of a drawn set -> a method's heatmap of each one's class -> its share on the
creature, and the areas of ``faithfulness``.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from alexcore.datasets.creatures import (
    CREATURES,
    DRAWN_SAMPLES,
    IMAGE_SIZE,
    SAMPLE_SIZE,
    SETS,
    draw_creature,
    draw_parts,
    find_drawn,
)
from alexcore.datasets.folder import FolderListing, OnProgress
from alexcore.devices import device_errors_named
from alexcore.errors import DatasetError
from alexcore.features.attribution import Heatmap, compute_heatmap
from alexcore.features.faithfulness import measure_faithfulness
from alexcore.features.methods import Method
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_array, to_input
from alexcore.inference.model import LoadedModel, Lock

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Focus:
    """Where a net's heatmaps by one method lie, over some pictures.

    Attributes:
        method: One of ``METHODS``.
        pictures: How many.
        share: Mean share of the heatmaps' positive mass that lies on the creature, in [0, 1].
        area: Mean share of the picture that the creature covers: what chance would give.
        deletion: Mean area below ``Curves.deletion``, in [0, 1].
        insertion: Mean area below ``Curves.insertion``, in [0, 1].
    """

    method: Method
    pictures: int
    share: float
    area: float
    deletion: float
    insertion: float


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


def find_mask(name: str, sha256: str, preprocessing: Preprocessing) -> Mask | None:
    """Return the creature's mask in the crop of a picture, None where it was not drawn here.

    Args:
        name: A shipped sample's, or one that begins as a drawn picture's does, SPECIES-SEED.
        sha256: Of the file, which tells a drawn picture from others of its name.
        preprocessing: Of the crop.
    """
    if name in DRAWN_SAMPLES:
        return _draw_mask(DRAWN_SAMPLES[name], CREATURES, preprocessing, SAMPLE_SIZE)
    if named := re.match(r"([a-z]+)-(\d{1,6})\b", name):
        drawn = named[1], int(named[2])
        for each in SETS.values():
            if drawn[0] in each.species and sha256 == _hash(draw_creature(*drawn, set=each.name)):
                return _draw_mask(drawn, each.name, preprocessing)
    return None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def pick_evenly(listing: FolderListing, count: int) -> FolderListing:
    """Return at most ``count`` of the pictures, spread evenly so that all classes are there."""
    items = listing.items
    places = np.linspace(0, len(items) - 1, min(count, len(items))).round().astype(int)
    return FolderListing(listing.root, tuple(items[place] for place in places))


def find_classes(model: LoadedModel, drawn: str, asked: Iterable[str]) -> tuple[str, ...]:
    """Return the species that each of a model's outputs stands for.

    Args:
        model: Outputs without names, of random weights or of a file, stand for the set's species
            in alphabetical order.
        drawn: The set's name, a key of ``SETS``.
        asked: The species that it must know.

    Raises:
        DatasetError: It does not know one of them.
    """
    species = SETS[drawn].species
    unnamed = model.source.run is None and len(model.classes) == len(species)
    classes = species if unnamed else model.classes
    if strange := {*asked} - {*classes}:
        raise DatasetError(f"{model.source.name} does not know {', '.join(sorted(strange))}.")
    return classes


def measure_focus(
    model: LoadedModel,
    pictures: FolderListing,
    drawn: str,
    method: Method = "Grad-CAM",
    on_progress: OnProgress | None = None,
    lock: Lock | None = None,
) -> Focus:
    """Measure heatmaps of each picture's own class: how much lies on its creature, how faithful.

    Args:
        model: Whose classes are the set's species, as by ``find_classes``.
        pictures: Of a drawn set, as ``create_creatures`` names them.
        drawn: The set's name, a key of ``SETS``.
        method: How the heatmaps are computed.
        on_progress: Called with (pictures done, pictures in all).
        lock: Held while the net computes, for each heatmap and curve alone.

    Raises:
        DatasetError: The set or a picture's name is no drawn one's, or the model does not know a
            species of it.
        ModelError: The method does not fit the net.
        AlexcoreError: The device has no memory for it, or is gone.
    """
    classes = find_classes(model, drawn, pictures.classes)
    found, preprocessing = [], model.source.preprocessing
    for done, item in enumerate(pictures.items, start=1):
        path, target = pictures.root / item.path, classes.index(item.label)
        mask = _draw_mask(find_drawn(path), drawn, preprocessing)
        pixels = to_array(load_image(path), preprocessing)
        with device_errors_named():
            x = to_input(pixels, preprocessing, model.device)
            heat = compute_heatmap(model.module, x, target, method, lock=lock)
            curves = measure_faithfulness(model.module, x, target, heat, lock=lock)
        areas = curves.deletion_area, curves.insertion_area
        found.append((compute_share(heat, mask), float(mask.mean()), *areas))
        if on_progress is not None:
            on_progress(done, len(pictures.items))
    return _average(method, found)


def _average(method: Method, found: Sequence[tuple[float, ...]]) -> Focus:
    shares, *others = np.array(found).T
    told = shares[~np.isnan(shares)]
    share = float(told.mean()) if told.size else float("nan")
    return Focus(method, len(found), share, *(float(each.mean()) for each in others))


def _draw_mask(
    drawn: tuple[str, int], set: str, preprocessing: Preprocessing, size: int = IMAGE_SIZE
) -> Mask:
    """Return the creature's mask in the crop the net gets of a picture."""
    whole = draw_parts(*drawn, size, set)["creature"]
    mask = to_array(Image.fromarray(whole.astype(np.uint8) * 255), preprocessing)[..., 0] > 127
    return np.asarray(mask)
