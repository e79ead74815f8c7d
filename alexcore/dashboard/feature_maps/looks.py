"""Kept for the Feature maps page: the fixed range of each layer, and class heatmaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

from alexcore.dashboard.caching import HASHES, get_inference_lock, get_model, infer_once, keep_work
from alexcore.dashboard.session import get_samples
from alexcore.datasets.folder import OnProgress
from alexcore.images.preprocessing import to_input
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.features.methods import Method
    from alexcore.inference.model import Inference
    from alexcore.inference.predictions import Prediction


@st.cache_data(
    max_entries=8, show_spinner="Looking at all samples ...", hash_funcs=HASHES, scope="session"
)
def get_limits(source: ModelSource) -> dict[str, tuple[float, float]]:
    """Return {node: (least, greatest)} over all sample pictures, the fixed range of a layer."""
    model = get_model(source)
    limits: dict[str, tuple[float, float]] = {}
    for sample in get_samples().values():
        for node, values in infer_once(model, sample).activations.items():
            low, high = limits.get(node, (float("inf"), float("-inf")))
            limits[node] = (min(low, float(values.min())), max(high, float(values.max())))
    return limits


@st.cache_data(
    max_entries=32, show_spinner="Looking at ten crops ...", scope="session", hash_funcs=HASHES
)
def get_ten_crops(inference: Inference) -> tuple[Prediction, ...]:
    """Return the likeliest classes over ten crops of the picture, kept with the session."""
    from alexcore.inference.ten_crops import predict_ten_crops

    return predict_ten_crops(inference, get_inference_lock())


def get_class_heatmap(
    inference: Inference, target: int, method: Method, on_progress: OnProgress
) -> npt.NDArray[np.float32]:
    """Return how much each pixel raises a class's score, (H, W) in [-1, 1], kept with the session.

    Raises:
        ModelError: There is no such class.
    """
    from alexcore.features.attribution import compute_heatmap

    def compute() -> npt.NDArray[np.float32]:
        model = inference.model
        with get_inference_lock():
            x = to_input(inference.picture.pixels, model.source.preprocessing, model.device)
            return compute_heatmap(model.module, x, target, method, on_progress)

    return keep_work(("heatmap", inference.key, target, method), compute)
