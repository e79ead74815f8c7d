"""Colours changed at random: for each picture one affine map of its red, green and blue.

Permutation, grey, brightness, contrast and saturation are all y = A x + B mean(x) + t, so however
many are asked for cost one product. Nothing is clipped: x is normalised, not a picture to look at.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.config import TrainConfig

Array = npt.NDArray[np.float64]

_PCA_VALUES = (0.2175, 0.0188, 0.0045)
_PCA_VECTORS = (
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)
"""Principal components of ImageNet's colours in [0, 1], as published with fb.resnet.torch."""

_GREY = (0.2989, 0.587, 0.114)
"""ITU-R 601 luma, as torchvision's ``rgb_to_grayscale`` has it."""


@dataclass(frozen=True, slots=True)
class Colours:
    """What becomes of the colours of N pictures in [0, 1].

    Attributes:
        shifts: Added along the principal components, (N, 3); None where nothing is.
        linear: A of each picture, (N, 3, 3); None where it is the unit matrix for all.
        contrast: B of each picture, (N, 3, 3); None where it is 0 for all.
        scale: What they are multiplied by at last, less the mean.
        preprocessing: How the pictures are normalised.
    """

    shifts: Array | None
    linear: Array | None
    contrast: Array | None
    scale: float
    preprocessing: Preprocessing

    def apply(self, x: Tensor, rows: npt.NDArray[np.int64]) -> Tensor:
        """Return x (B, 3, H, W), the pictures ``rows``, with their colours changed."""
        offset = torch.zeros(())
        if self.shifts is not None:
            offset = self._shift(self.shifts[rows]).to(x.device)  # (B, 3)
        if self.linear is None:
            if self.shifts is not None:
                x = x + offset[:, :, None, None]
            return self._scale(x)
        std = np.array(self.preprocessing.std)
        mean = np.array(self.preprocessing.mean)
        linear = self.linear[rows] * std / std[:, None]  # A in normalised colours
        moved = (self.linear[rows] @ mean - mean) / std
        if self.contrast is not None:
            contrast = self.contrast[rows] * std / std[:, None]
            moved = moved + self.contrast[rows] @ mean / std
            offset = offset + (_tensor(contrast, x) @ x.mean(dim=(2, 3))[:, :, None]).squeeze(2)
        offset = offset + _tensor(moved, x)
        flat = x.permute(0, 2, 3, 1).flatten(1, 2)  # (B, H * W, 3), a view of channels_last
        changed = torch.baddbmm(offset[:, None, :], flat, _tensor(linear, x).transpose(1, 2))
        return self._scale(changed.view(len(x), *x.shape[2:], 3).permute(0, 3, 1, 2))

    def _scale(self, x: Tensor) -> Tensor:
        return x if self.scale == 1 else x * self.scale

    def _shift(self, amounts: Array) -> Tensor:
        """Return (B, 3): section 4.1 of the paper, equation for [I_R, I_G, I_B]."""
        shift = amounts @ np.array(_PCA_VECTORS).T / np.array(self.preprocessing.std)
        return torch.from_numpy(shift.astype(np.float32))


def _tensor(values: Array, like: Tensor) -> Tensor:
    return torch.from_numpy(values.astype(np.float32)).to(like.device)


def draw_colours(rng: np.random.Generator, config: TrainConfig, count: int) -> Colours:
    """Draw what becomes of ``count`` pictures' colours, in that order of one generator."""
    roots = config.colour_noise_by == "roots"
    spread = np.sqrt(_PCA_VALUES) if roots else np.array(_PCA_VALUES)
    shifts = rng.normal(0.0, 1.0, (count, 3)) * config.colour_noise * spread
    linear, contrast = None, None
    if config.jitter or config.permute_colours or config.grey:
        linear = np.tile(np.eye(3), (count, 1, 1))
        grey = np.tile(_GREY, (3, 1))
        if config.jitter:
            factors = rng.uniform(1 - config.jitter, 1 + config.jitter, (3, count, 1, 1))
            brightness, contrasts, saturation = factors
            linear = brightness * contrasts * (saturation * linear + (1 - saturation) * grey)
            contrast = brightness * (1 - contrasts) * grey
        last = _draw_last(rng, config, count)
        linear, contrast = last @ linear, None if contrast is None else last @ contrast
    return Colours(
        shifts if config.colour_noise else None,
        linear,
        contrast,
        1 / (1 + config.colour_noise) if roots else 1.0,
        config.preprocessing,
    )


def _draw_last(rng: np.random.Generator, config: TrainConfig, count: int) -> Array:
    """Return the permutations and the greys, (count, 3, 3)."""
    orders = rng.permuted(np.tile(np.arange(3), (count, 1)), axis=1)
    orders[rng.random(count) >= config.permute_colours] = np.arange(3)
    last: Array = np.eye(3)[orders]
    last[rng.random(count) < config.grey] = np.tile(_GREY, (3, 1))
    return last
