"""Kept for the Feature maps page: the fixed range of each layer, and the ten crops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard.caching import HASHES, get_inference_lock, get_model, infer_once
from alexcore.dashboard.session import get_samples
from alexcore.sources import ModelSource

if TYPE_CHECKING:
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
