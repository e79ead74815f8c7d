"""Whether a heatmap depends on what the net has learnt: weights made random from the top.

Adebayo et al. 2018, https://arxiv.org/abs/1810.03292, section 3: a heatmap that stays what it was
while fc8, fc7 and so on forget shows the picture's edges and not the net's reasons.
"""

import copy
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy.stats import spearmanr
from torch import Tensor, nn

from alexcore.features.attribution import Heatmap, OnParts, Target, compute_heatmap, copy_net
from alexcore.features.methods import Method
from alexcore.inference.model import Lock
from alexcore.models.layer_names import name_layers
from alexcore.seeding import seeded


@dataclass(frozen=True, slots=True, eq=False)
class Forgotten:
    """A heatmap of a net that has forgotten its top layers.

    Attributes:
        layer: Paper name of the lowest of them, of fc8 down to conv1.
        heat: (H, W) in [-1, 1].
        correlation: Spearman's, of its pixels with those of the net as it is; nan where it is flat.
    """

    layer: str
    heat: Heatmap
    correlation: float


def compute_cascade(
    model: nn.Module,
    x: Tensor,
    target: Target,
    method: Method,
    heat: Heatmap,
    on_progress: OnParts = lambda done, total: None,
    *,
    layer: str | None = None,
    seed: int = 0,
    lock: Lock | None = None,
) -> tuple[Forgotten, ...]:
    """Return the heatmaps of a net with ever more of its top layers random.

    Args:
        model: Left as found: what forgets is a copy.
        x: As for ``compute_heatmap``, like those that follow.
        target: See there.
        method: See there.
        heat: What it gives for the net as it is.
        on_progress: Called with (heatmaps done, in all).
        layer: See there.
        seed: Of the random weights, which torch draws as those of a new layer.
        lock: As for ``compute_heatmap``, for each heatmap alone.
    """
    net = copy_net(model)
    tops = [
        (path, label)
        for path, label in reversed(name_layers(net).items())
        if label.startswith(("conv", "fc"))
    ]
    with seeded(seed):
        drawn = [_draw_anew(net.get_submodule(path)) for path, _ in tops]
    found: list[Forgotten] = []
    for (path, label), fresh in zip(tops, drawn, strict=True):
        net.set_submodule(path, fresh)
        map_ = compute_heatmap(net, x, target, method, layer=layer, lock=lock)
        found.append(Forgotten(label, map_, correlate(heat, map_)))
        on_progress(len(found), len(tops))
    return tuple(found)


def _draw_anew(layer: nn.Module) -> nn.Module:
    """Return a copy of a convolution or linear layer with new weights, on its device."""
    device = next(layer.parameters()).device
    fresh = copy.deepcopy(layer).cpu()  # the seed is the CPU's
    cast(nn.Conv2d | nn.Linear, fresh).reset_parameters()
    return fresh.to(device)


def correlate(first: Heatmap, second: Heatmap) -> float:
    """Return Spearman's rank correlation of two heatmaps' pixels, nan where one is flat."""
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    return float(spearmanr(first.ravel(), second.ravel()).statistic)
