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


_FAINT = 0.1


@dataclass(frozen=True, slots=True)
class KernelStatistics:
    """How much a layer's kernels look like pictures rather than noise.

    Attributes:
        median: Lag-1 autocorrelation of half of the kernels is below it; about 0 for random ones,
            about 0.9 for nets trained on ImageNet.
        best_tenth: A tenth of the kernels is above it.
        faint_share: Share of kernels whose norm is below a tenth of the strongest one's, in [0, 1].
    """

    median: float
    best_tenth: float
    faint_share: float


def compute_autocorrelation(kernels: Tensor) -> Tensor:
    """Return how alike neighbouring weights of each kernel are.

    The lag-1 autocorrelation: each plane of a kernel is made mean-free, and the mean product of
    two horizontal or vertical neighbours is divided by the mean square. It is Moran's I,
    Biometrika 37 (1950), over the sides that cells share.

    Args:
        kernels: (C, I, K, K) float, K at least 2.

    Returns:
        (C,) float64, about 0 for white noise and near 1 for what changes slowly; NaN for a kernel
        whose planes are constant.
    """
    free = kernels.detach().double()
    free = free - free.mean((2, 3), keepdim=True)
    across = (free[..., 1:] * free[..., :-1]).mean((1, 2, 3))
    down = (free[..., 1:, :] * free[..., :-1, :]).mean((1, 2, 3))
    return (across + down) / 2 / free.square().mean((1, 2, 3))


def compute_kernel_statistics(kernels: Tensor) -> KernelStatistics:
    """Return the figures of a layer's kernels, (C, I, K, K) float with K at least 2."""
    found = compute_autocorrelation(kernels)
    norms = kernels.detach().flatten(1).norm(dim=1)
    return KernelStatistics(
        median=float(found.nanquantile(0.5)),
        best_tenth=float(found.nanquantile(0.9)),
        faint_share=float((norms < _FAINT * norms.max()).float().mean()),
    )
