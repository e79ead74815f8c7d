"""The channels of one layer for one picture: their statistics, their order, and them all in one."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Maps = npt.NDArray[np.float32]
Order = Literal["index", "mean", "maximum", "sparsity"]
Combination = Literal["sum", "mean", "maximum"]
ORDERS: tuple[Order, ...] = get_args(Order)


def find_silent(maps: Maps) -> npt.NDArray[np.bool_]:
    """Return which channels never rise above 0, bool (C,); after a ReLU these are all 0."""
    return np.asarray(maps.reshape(len(maps), -1).max(axis=1) <= 0)


def order_channels(maps: Maps, by: Order) -> npt.NDArray[np.int64]:
    """Return channel numbers in an order, int64 (C,); equal channels keep theirs.

    Args:
        maps: (C, H, W) float32.
        by: Their index, or the highest mean, the highest maximum, or the largest share of zero
            and negative cells first.
    """
    flat = maps.reshape(len(maps), -1)
    keys = {
        "index": np.arange(len(maps), dtype=np.float64),
        "mean": -flat.mean(axis=1, dtype=np.float64),
        "maximum": -flat.max(axis=1).astype(np.float64),
        "sparsity": -(flat <= 0).mean(axis=1),
    }
    return np.argsort(keys[by], kind="stable")


def combine_channels(maps: Maps, how: Combination) -> npt.NDArray[np.float32]:
    """Return one map (H, W) for all channels (C, H, W): their sum, mean or maximum."""
    if how == "sum":
        return np.asarray(maps.sum(axis=0), np.float32)
    if how == "mean":
        return np.asarray(maps.mean(axis=0), np.float32)
    return np.asarray(maps.max(axis=0), np.float32)


def compute_components(maps: Maps) -> npt.NDArray[np.float32]:
    """Return the first three principal components over the cells as colours (H, W, 3) in [0, 1].

    Each cell is a point with one coordinate a channel. Components that do not exist, for a layer
    with fewer than three channels, are 0.5. The sign of a component is such that its largest
    deviation is positive.
    """
    channels, height, width = maps.shape
    points = maps.reshape(channels, -1).T.astype(np.float64)
    points -= points.mean(axis=0)
    left, scale, _ = np.linalg.svd(points, full_matrices=False)
    colours = np.full((height * width, 3), 0.5)
    for place in range(min(3, channels, len(points))):
        component = left[:, place] * scale[place]
        peak = component[np.abs(component).argmax()]
        if abs(peak) > 1e-12:
            component = component * np.sign(peak)
            low, high = component.min(), component.max()
            colours[:, place] = (component - low) / (high - low)
    return colours.reshape(height, width, 3).astype(np.float32)
