"""The layers of the 2012 program that torch has not: each is one node of a graph, as torch's are.

``LAYERS_2012`` tells a tracer not to look inside. The arithmetic is that of the authors' program,
https://github.com/computerhistory/AlexNet-Source-Code; sections and figures are in the paper.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class TowerNorm(nn.LocalResponseNorm):
    """Local response normalisation over five channels, within a tower.

    y = x (2 + 1e-4 / 5 * the sum of the squares of the five)^-0.75: the program divides its scale
    of 1e-4 by the window, as torch does (its layer.py:1183).
    """

    def __init__(self, towers: int) -> None:
        """Normalise each of ``towers`` equal parts of the channels alone."""
        super().__init__(5, alpha=1e-4, beta=0.75, k=2.0)
        self.towers = towers

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape."""
        return torch.cat([*map(super().forward, x.chunk(self.towers, 1))], 1)

    def extra_repr(self) -> str:
        """Return the numbers that tell it from others."""
        return f"{self.size}, alpha={self.alpha}, k={self.k}, towers={self.towers}"


class SpatialNorm(nn.Module):
    """Normalisation over the 5x5 places around a cell, each channel alone; not in the paper.

    y = x (1 + 1e-3 / 25 * the sum of the squares of the 25)^-0.75 (its layers-145.cfg:107-117).
    """

    size = 5
    alpha, beta, k = 1e-3, 0.75, 1.0

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to the same shape; places outside the map count as 0."""
        mean = functional.avg_pool2d(x * x, self.size, 1, self.size // 2)
        return x * (self.k + self.alpha * mean) ** -self.beta


class MaskDropout(nn.Dropout):
    """Dropout as in 2012: training only masks, evaluation multiplies by the share that is kept."""

    def forward(self, x: Tensor) -> Tensor:
        """Undo torch's scaling in training, which leaves the mask."""
        return super().forward(x) * (1 - self.p)


class TowerLinear(nn.Linear):
    """A linear layer in two towers: each half of the outputs reads its half of the inputs."""

    def __init__(self, in_features: int, out_features: int) -> None:
        """Create weights (out_features, in_features / 2)."""
        super().__init__(in_features // 2, out_features)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in_features) to (N, out_features)."""
        towers = zip(x.chunk(2, 1), self.weight.chunk(2), self.bias.chunk(2), strict=True)
        return torch.cat([functional.linear(*tower) for tower in towers], 1)


LAYERS_2012 = [TowerNorm, SpatialNorm, MaskDropout, TowerLinear]
