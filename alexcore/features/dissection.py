"""How units are named: their strongest cells against the masks that pictures were drawn by.

LoadedModel -> a pass over test pictures for the threshold of each unit, a pass for what its cells
above it share with each part -> Units. Bau et al., https://arxiv.org/abs/1704.05796.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from alexcore.datasets.creatures import SETS, create_creatures, draw_parts, find_drawn
from alexcore.datasets.folder import OnProgress
from alexcore.devices import device_errors_named
from alexcore.features.overlaps import Masks, Overlaps, TopValues, interpolate
from alexcore.features.units import PICTURES, Units, require_drawn
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, normalise, to_array
from alexcore.inference.model import LoadedModel, Lock
from alexcore.inspection.receptive_field import ReceptiveField
from alexcore.settings import get_creatures_folder
from alexcore.sources import ModelSource

_STEP = 2
"""Every second pixel is looked at: the paper's masks too have half the side of the input."""
_BATCH = 8


def list_unit_layers(model: LoadedModel) -> dict[str, tuple[str, ReceptiveField]]:
    """Return {conv1 to conv5: the node behind its ReLU and what a cell of it sees}.

    There its units are asked: what a ReLU cuts off no layer reads. Norm and pool have the same
    units. A layer whose every cell sees the whole picture is left out.
    """
    found = {}
    for name in model.nodes:
        if name.startswith("conv"):
            node = model.nodes[name.replace("conv", "relu")]
            if (field := model.receptive_fields[node]) is not None:
                found[name] = (node, field)
    return found


def draw_test_pictures(
    source: ModelSource, pictures: int = PICTURES, on_progress: OnProgress | None = None
) -> list[Path]:
    """Return test pictures of the drawn set that a model was trained on; no training saw one.

    Args:
        source: Of the model.
        pictures: How many at least, as many of each species.
        on_progress: Called with (pictures done, pictures in all) while they are drawn.

    Raises:
        DatasetError: It was trained on something else, or the pictures cannot be written.
    """
    name = require_drawn(source)
    each = -(-pictures // len(SETS[name].species))
    folder = get_creatures_folder(f"{name}-test")
    create_creatures(folder, each, on_progress, name, test=True)
    drawn = SETS[name].list_pictures(test=True, most=each)
    return [folder / species / f"{species}-{seed:03d}.png" for species, seed in drawn]


def find_units(
    model: LoadedModel,
    paths: Sequence[Path],
    on_progress: OnProgress = lambda done, total: None,
    lock: Lock | None = None,
) -> Units:
    """Look at drawn pictures twice, and see what each unit shares with each of their parts.

    Nothing is kept of a picture but the largest values of each unit and counts of pixels.

    Args:
        model: Trained on a drawn set.
        paths: Pictures of that set, from ``draw_test_pictures``.
        on_progress: Called with (pictures looked at, pictures in all), each counted twice.
        lock: Held while the net computes, for each batch alone.

    Raises:
        DatasetError: It was trained on something else, or a picture's name is no drawn one's.
        ImageError: A picture cannot be read.
    """
    drawn = require_drawn(model.source)
    layers = list_unit_layers(model)
    nodes = {layer: node for layer, (node, _) in layers.items()}
    asked = _Pass(model, nodes, paths, lock or nullcontext())
    side = np.arange(0, model.source.preprocessing.crop, _STEP)
    tops: dict[str, TopValues] = {}
    for done, (_, maps) in enumerate(asked, start=1):
        for layer, values in maps.items():
            top = tops.setdefault(layer, TopValues(len(paths) * values[0].numel()))
            top.add(values.flatten(1))
        on_progress(done, 2 * len(paths))
    thresholds = {layer: top.find_threshold() for layer, top in tops.items()}
    overlaps: dict[str, Overlaps] = {}
    for done, (path, maps) in enumerate(asked, start=len(paths) + 1):
        masks = _draw_masks(path, drawn, model.source.preprocessing)
        for layer, values in maps.items():
            if layer not in overlaps:
                weights = interpolate(layers[layer][1], values.shape[-1], side)
                overlaps[layer] = Overlaps(thresholds[layer], torch.from_numpy(weights).to(values))
            overlaps[layer].add(values, masks)
        on_progress(done, 2 * len(paths))
    ious = {layer: overlap.compute_ious() for layer, overlap in overlaps.items()}
    return Units(
        tuple(next(iter(ious.values()))),
        {layer: found.cpu().numpy() for layer, found in thresholds.items()},
        {layer: np.stack([*found.values()], 1) for layer, found in ious.items()},
    )


@dataclass(frozen=True, slots=True)
class _Pass:
    """Every picture's maps of some layers, once through all of them each time it is asked."""

    model: LoadedModel
    layers: Mapping[str, str]
    paths: Sequence[Path]
    lock: Lock

    def __iter__(self) -> Iterator[tuple[Path, dict[str, Tensor]]]:
        """Yield (path, {layer: (C, H, W)})."""
        preprocessing = self.model.source.preprocessing
        for start in range(0, len(self.paths), _BATCH):
            batch = self.paths[start : start + _BATCH]
            squares = np.stack([to_array(load_image(path), preprocessing) for path in batch])
            x = torch.from_numpy(squares).to(self.model.device)
            with self.lock, device_errors_named(), torch.inference_mode():
                outputs = self.model.extractor(normalise(x, preprocessing))
            for row, path in enumerate(batch):
                yield (
                    path,
                    {layer: outputs[node][row].float() for layer, node in self.layers.items()},
                )


def _draw_masks(path: Path, drawn: str, preprocessing: Preprocessing) -> Masks:
    """Return the parts that can be seen in the crop the net gets, at the pixels looked at."""
    top, left = preprocessing.corners[-1]
    rows, columns = (slice(at, at + preprocessing.crop, _STEP) for at in (top, left))
    whole = draw_parts(*find_drawn(path), preprocessing.resize, drawn)
    cut = {name: mask[rows, columns] for name, mask in whole.items()}
    return {name: mask for name, mask in cut.items() if mask.any()}
