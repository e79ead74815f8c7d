"""Kept for the Feature maps page: the fixed range of each layer, and class heatmaps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from alexcore.dashboard.caching import get_inference_lock, get_model, get_picture, get_seen
from alexcore.dashboard.session import ImageChoice, ModelChoice, list_samples, load_image_choice
from alexcore.images.preprocessing import to_input

if TYPE_CHECKING:
    from alexcore.features.methods import Method


def get_limits(choice: ModelChoice) -> dict[str, tuple[float, float]]:
    """Return {node: (least, greatest)} over all sample pictures, the fixed range of a layer."""
    return _find_limits(choice.name, choice.digest, choice)


@st.cache_data(max_entries=8, show_spinner="Looking at all samples ...")
def _find_limits(name: str, digest: str, _choice: ModelChoice) -> dict[str, tuple[float, float]]:
    limits: dict[str, tuple[float, float]] = {}
    for sample in list_samples():
        seen = get_seen(_choice, load_image_choice(sample))
        for node, values in seen.activations.items():
            low, high = limits.get(node, (float("inf"), float("-inf")))
            limits[node] = (min(low, float(values.min())), max(high, float(values.max())))
    return limits


def compute_class_heatmap(
    choice: ModelChoice,
    image: ImageChoice,
    target: int,
    method: Method,
    on_progress: Callable[[int, int], object],
) -> npt.NDArray[np.float32]:
    """Return which pixels speak for a class, (H, W) in [-1, 1], kept for the next look.

    Raises:
        CheckpointError: The model cannot be loaded.
        ImageError: The bytes are no picture.
    """
    key = (choice.name, choice.digest, image.key)
    return _compute_heatmap(key, target, method, choice, image, on_progress)


@st.cache_data(max_entries=64, show_spinner=False)
def _compute_heatmap(
    key: tuple[str, str, str],
    target: int,
    method: Method,
    _choice: ModelChoice,
    _image: ImageChoice,
    _on_progress: Callable[[int, int], object],
) -> npt.NDArray[np.float32]:
    from alexcore.features.attribution import compute_heatmap

    loaded = get_model(_choice)
    pixels = get_picture(_image, _choice.preset).pixels
    with get_inference_lock():
        x = to_input(pixels, _choice.preset, loaded.device)
        return compute_heatmap(loaded.model, x, target, method, _on_progress)
