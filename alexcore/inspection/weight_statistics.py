"""What a layer's weights look like in numbers, whatever their count."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class WeightStatistics:
    """The distribution of one tensor.

    Attributes:
        count: How many numbers.
        minimum: The smallest.
        maximum: The largest.
        mean: Their mean.
        std: Their standard deviation, with the number of values as the divisor.
        sparsity: Share that is exactly zero, in [0, 1].
        counts: Values in each of the bins, int64 (B,).
        edges: Borders of the bins, float64 (B + 1,).
    """

    count: int
    minimum: float
    maximum: float
    mean: float
    std: float
    sparsity: float
    counts: npt.NDArray[np.int64]
    edges: npt.NDArray[np.float64]


def compute_weight_statistics(weights: Tensor, bins: int = 80) -> WeightStatistics:
    """Return the statistics of a tensor of any shape.

    Args:
        weights: Float values.
        bins: How many bins between the smallest and the largest value.
    """
    values = weights.detach().flatten().float().cpu()
    low, high = float(values.min()), float(values.max())
    reach = (low, high) if high > low else (low - 0.5, high + 0.5)
    counts = torch.histc(values, bins, *reach)
    return WeightStatistics(
        count=values.numel(),
        minimum=low,
        maximum=high,
        mean=float(values.mean()),
        std=float(values.std(correction=0)),
        sparsity=float((values == 0).float().mean()),
        counts=counts.numpy().astype(np.int64),
        edges=np.linspace(*reach, bins + 1),
    )
