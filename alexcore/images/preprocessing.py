"""The preprocessing a model was trained with: image -> x, and back to something to look at."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import torch
    from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
RAW_STD = (1 / 255, 1 / 255, 1 / 255)
"""Leaves pixels of 0 to 255, less their mean, as they are: what the net of 2012 was fed."""

Crops = Literal[1, 10]
"""Over how many crops an answer is averaged: the centre alone, or the paper's ten."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Resize the shorter side, crop the centre, scale to [0, 1] and normalise.

    Attributes:
        crop: Side of the square the net receives, in pixels.
        resize: Length of the shorter side before the crop, in pixels; at least ``crop``.
        mean: Subtracted from each of red, green and blue in [0, 1].
        std: What the difference is divided by.
    """

    crop: int = 227
    resize: int = 256
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    def __post_init__(self) -> None:
        """Refuse a crop larger than the picture it is cut from."""
        if not 1 <= self.crop <= self.resize:
            raise ValueError(f"got crop={self.crop} and resize={self.resize}; 1 <= crop <= resize.")

    @classmethod
    def for_input(cls, size: int) -> Preprocessing:
        """Return the usual preprocessing for a net whose input is ``size`` pixels.

        Nets of 200 to 240 pixels, the article's 227 and ImageNet's 224 among them, cut their crop
        from 256; others in the same proportion as 224 does, 8/7, so that they see as much.
        """
        return cls(crop=size, resize=256 if 200 <= size <= 240 else round(size * 8 / 7))

    @property
    def corners(self) -> tuple[tuple[int, int], ...]:
        """Top and left of the paper's five crops (section 4.1) in the square of ``crop_square``.

        Top left, top right, bottom left, bottom right, and at last the centre, ``crop_image``.
        """
        last = self.resize - self.crop
        middle = round(last / 2)
        return (0, 0), (0, last), (last, 0), (last, last), (middle, middle)

    @property
    def digest(self) -> str:
        """Twelve hex digits that change with any field."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def resize_image(image: Image.Image, shorter: int) -> Image.Image:
    """Scale so that the shorter side is ``shorter`` pixels, as torchvision's ``Resize`` does."""
    width, height = image.size
    if width <= height:
        size = (shorter, max(1, int(shorter * height / width)))
    else:
        size = (max(1, int(shorter * width / height)), shorter)
    return image if size == image.size else image.resize(size, Image.Resampling.BILINEAR)


def crop_square(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Return the (resize, resize) middle of a picture, which all its crops are cut from."""
    resized, margin = resize_image(image, preprocessing.resize), preprocessing.corners[-1][0]
    left, top = (round((length - preprocessing.crop) / 2) - margin for length in resized.size)
    return resized.crop((left, top, left + preprocessing.resize, top + preprocessing.resize))


def crop_image(image: Image.Image, preprocessing: Preprocessing) -> Image.Image:
    """Return the (crop, crop) square the net receives, still as a picture."""
    top, left = preprocessing.corners[-1]
    box = (left, top, left + preprocessing.crop, top + preprocessing.crop)
    return crop_square(image, preprocessing).crop(box)


def to_array(image: Image.Image, preprocessing: Preprocessing) -> np.ndarray:
    """Return the crop as (crop, crop, 3) uint8: what is decoded once and normalised later."""
    return np.asarray(crop_image(image.convert("RGB"), preprocessing))


def normalise(pixels: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Turn (N, H, W, 3) uint8 into x (N, 3, H, W) float32, on the device of ``pixels``.

    The result keeps the bytes' order, so it is already in torch's channels_last format.
    """
    import torch

    mean = torch.tensor(preprocessing.mean, device=pixels.device).mul(255)
    scale = torch.tensor(preprocessing.std, device=pixels.device).mul(255).reciprocal()
    return pixels.to(torch.float32).sub_(mean).mul_(scale).permute(0, 3, 1, 2)


def to_input(pixels: np.ndarray, preprocessing: Preprocessing, device: torch.device) -> Tensor:
    """Return x (1, 3, H, W) float32 on a device for one decoded crop (H, W, 3) uint8."""
    import torch

    return normalise(torch.from_numpy(pixels.copy()).unsqueeze(0).to(device), preprocessing)


def to_tensor(image: Image.Image, preprocessing: Preprocessing) -> Tensor:
    """Return x (1, 3, crop, crop) float32 for one picture, on the CPU."""
    import torch

    return to_input(to_array(image, preprocessing), preprocessing, torch.device("cpu"))
