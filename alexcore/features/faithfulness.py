"""Whether a heatmap names the pixels that count: take them away, or put them in, in its order.

Petsiuk et al. 2018 (RISE), https://arxiv.org/abs/1806.07421, section 4.1: heatmap -> the class's
probability while pixels go or come, the hottest first -> ``Curves`` -> the areas below them.
"""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torchvision.transforms.functional import gaussian_blur

from alexcore.features.attribution import Heatmap, OnParts, Target
from alexcore.inference.model import Lock

STEPS = 30
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The probability of a class while the picture goes or comes, (S + 1,) each.

    Attributes:
        shares: Of the pixels that went or came, from 0 to 1.
        deletion: The hottest turned grey first: a good heatmap falls at once.
        insertion: The hottest put first into the blurred picture: a good one rises at once.
    """

    shares: Shares
    deletion: Shares
    insertion: Shares

    @property
    def deletion_area(self) -> float:
        """Below the curve, in [0, 1]; the lower the better."""
        return float(np.trapezoid(self.deletion, self.shares))

    @property
    def insertion_area(self) -> float:
        """Below the curve, in [0, 1]; the higher the better."""
        return float(np.trapezoid(self.insertion, self.shares))


def measure_faithfulness(
    model: nn.Module,
    x: Tensor,
    target: Target,
    heat: Heatmap,
    on_progress: OnParts = lambda done, total: None,
    lock: Lock | None = None,
) -> Curves:
    """Take a picture away and put it in by a heatmap, in ``STEPS`` steps of one batch each way.

    Args:
        model: In evaluation mode.
        x: One picture, (1, 3, H, W).
        target: As for ``compute_heatmap``; of two classes the first's probability among the two.
        heat: (H, W); equal pixels go from the upper left on.
        on_progress: Called with (ways done, 2).
        lock: Held while the net computes, for each way alone.
    """
    order = np.argsort(-heat, axis=None, kind="stable")
    ranks = np.empty(heat.size, np.int64)
    ranks[order] = np.arange(heat.size)
    counts = np.rint(np.linspace(0, heat.size, STEPS + 1)).astype(np.int64)
    moved = torch.from_numpy(ranks.reshape(1, *heat.shape) < counts[:, None, None])
    moved = moved.unsqueeze(1).to(x.device)  # (S + 1, 1, H, W)
    ways = []
    for here, there in ((x, torch.zeros_like(x)), (blur(x), x)):
        with lock or nullcontext(), torch.inference_mode():
            ways.append(_tell(model(torch.where(moved, there, here)), target))
        on_progress(len(ways), 2)
    return Curves(counts / heat.size, *ways)


def blur(x: Tensor) -> Tensor:
    """Return (1, 3, H, W) so smooth that little but its colours can be told."""
    return cast(Tensor, gaussian_blur(x, [63, 63], [16.0, 16.0]))


def _tell(logits: Tensor, target: Target) -> Shares:
    """Return the probability of the class, or of the first of two among the two, (N,)."""
    if isinstance(target, tuple):
        found = (logits[:, target[0]] - logits[:, target[1]]).sigmoid()
    else:
        found = logits.softmax(1)[:, target]
    return cast(Shares, found.double().cpu().numpy())
