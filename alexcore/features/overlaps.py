"""The arithmetic of naming units: thresholds, and what two sets of pixels share over all pictures.

Maps of a layer -> TopValues -> thresholds; maps, masks of the parts -> Overlaps -> IoU of each.
"""

import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.features.units import Array
from alexcore.inspection.receptive_field import ReceptiveField

Masks = Mapping[str, npt.NDArray[np.bool_]]

_TOP = 0.005
"""Share of a unit's cells, over all pictures, that lie above its threshold."""


class TopValues:
    """The largest values of every unit, as many as the quantile needs: exact, in one pass.

    It keeps half a percent of what it is given.
    """

    def __init__(self, count: int) -> None:
        """Expect ``count`` values of each unit."""
        self._place = (count - 1) * (1 - _TOP)  # of the quantile, from the smallest on
        self._keep = count - math.floor(self._place)
        self._values = torch.empty(0)

    def add(self, values: Tensor) -> None:
        """Take more values, (C, M)."""
        there = self._values.to(values) if self._values.numel() else values[:, :0]
        joined = torch.cat([there, values], 1)
        self._values = joined.topk(min(self._keep, joined.shape[1])).values

    def find_threshold(self) -> Tensor:
        """Return what the top half percent exceed, (C,): NumPy's linear quantile of 0.995."""
        below, above = self._values[:, -1], self._values[:, max(0, self._keep - 2)]
        return below + (above - below) * (self._place % 1)


class Overlaps:
    """The pixels that a layer's units and the parts have in common, summed over pictures."""

    def __init__(self, thresholds: Tensor, weights: Tensor) -> None:
        """Begin with no picture.

        Args:
            thresholds: (C,).
            weights: (S, cells), how much of each cell goes into each pixel of a side.
        """
        self._thresholds, self._weights = thresholds[:, None, None], weights
        self._shared: dict[str, Tensor] = defaultdict(lambda: torch.zeros_like(thresholds).double())
        self._parts: dict[str, float] = defaultdict(float)
        self._units = torch.zeros_like(thresholds).double()

    def add(self, maps: Tensor, masks: Masks) -> None:
        """Take one picture.

        Args:
            maps: (C, cells, cells).
            masks: {part: (S, S)}.
        """
        above = (self._weights @ maps @ self._weights.T > self._thresholds).flatten(1).float()
        flat = np.stack([mask.ravel() for mask in masks.values()], 1).astype(np.float32)
        shared = (above @ torch.from_numpy(flat).to(above)).double()  # (C, P), exact up to 2^24
        self._units += above.sum(1)
        for place, (name, mask) in enumerate(masks.items()):
            self._shared[name] += shared[:, place]
            self._parts[name] += int(mask.sum())

    def compute_ious(self) -> dict[str, Array]:
        """Return {part: (C,)} in alphabetical order, 0 where neither has a pixel."""
        found = {}
        for name in sorted(self._shared):
            either = self._units + self._parts[name] - self._shared[name]
            found[name] = (self._shared[name] / either.clamp_min(1)).float().cpu().numpy()
        return found


def interpolate(field: ReceptiveField, cells: int, places: npt.NDArray[np.int64]) -> Array:
    """Return how much of each cell goes into pixels of a side, (places, cells), rows of sum 1.

    Bilinear between the centres of the cells' receptive fields, as in the paper; beyond the first
    and the last it is their value.

    Args:
        field: Of the layer.
        cells: Along a side of its maps.
        places: The pixels.
    """
    at = (places - field.start) / field.jump
    each = [np.interp(at, np.arange(cells), row) for row in np.eye(cells)]
    return np.stack(each, 1).astype(np.float32)
