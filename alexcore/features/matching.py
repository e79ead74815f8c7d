"""Which channels of two nets answer to the same pictures; their numbers alone say nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs of channels, the best correlated first.

    Attributes:
        left: Channels of the one net, int64 (M,).
        right: Their partners in the other, int64 (M,).
        correlations: Of each pair over the pictures, in [-1, 1], float64 (M,).
    """

    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    correlations: npt.NDArray[np.float64]


def match_channels(left: npt.NDArray[np.float32], right: npt.NDArray[np.float32]) -> Matching:
    """Pair channels one to one so that the sum of their correlations is largest.

    Args:
        left: (N, C) means of each channel over N pictures.
        right: (N, D) of the other net, over the same pictures.

    Returns:
        min(C, D) pairs. A channel that never changes correlates with none: 0.
    """
    table = _standardise(left).T @ _standardise(right) / len(left)
    rows, columns = linear_sum_assignment(table, maximize=True)
    correlations = table[rows, columns]
    order = np.argsort(-correlations, kind="stable")
    return Matching(rows[order], columns[order], correlations[order])


def _standardise(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    centred = values.astype(np.float64) - values.mean(axis=0, dtype=np.float64)
    spread = centred.std(axis=0)
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12)
    return np.asarray(scaled, np.float64)
