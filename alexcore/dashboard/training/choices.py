"""More choices of a new run: a field for each of a configuration's, as the recipe has it."""

from typing import Any, Literal, get_args, get_origin, get_type_hints

import streamlit as st

from alexcore.runs.config import TrainConfig, describe_fields

_SUBJECTS: dict[str, dict[str, str]] = {
    "First weights": {
        "freeze": "Layers held fixed",
        "initial": "First weights",
        "conv1_std": "Spread of conv1",
    },
    "Learning rate": {
        "lr": "Learning rate",
        "schedule": "Schedule",
        "warmup": "Warm-up, epochs",
        "lr_drops": "Falls after epoch, to",
        "bias_lr": "Rate of the biases",
        "momentum": "Momentum",
        "velocity": "Momentum as velocity",
        "patience": "Patience, epochs",
        "average": "Mean of the weights",
    },
    "Regularisation": {
        "dropout": "Dropout",
        "label_smoothing": "Label smoothing",
        "weight_decay": "Weight decay",
        "linear_weight_decay": "Weight decay, linear",
        "bias_weight_decay": "Weight decay, biases",
        "smooth_conv1": "Smoothness of conv1",
        "focus": "Focus on the creature",
        "freeze_conv1": "Conv1 held at last",
    },
    "Pictures": {
        "scale_min": "Smallest crop",
        "colour_noise": "Colour noise",
        "colour_noise_by": "Colour noise by",
        "colour_noise_off": "Colour noise off",
        "jitter": "Colour jitter",
        "permute_colours": "Colours permuted",
        "grey": "Grey",
        "validation_share": "Validation share",
        "raw_pixels": "Pixels of 0 to 255",
        "flip": "Mirrored",
        "keep_near_copies": "Keep near copies",
    },
    "Arithmetic": {"precision": "Precision"},
}
"""Labels of the fields that are offered, by subject."""


def show_choices(base: TrainConfig) -> dict[str, Any]:
    """Show the fields as ``base`` has them, and return those that were changed."""
    kinds, helps = get_type_hints(TrainConfig), describe_fields()
    chosen: dict[str, Any] = {}
    with st.expander("More choices"):
        for subject, labels in _SUBJECTS.items():
            st.caption(subject)
            for place, (name, label) in enumerate(labels.items()):
                if place % 2 == 0:  # a row each, so that a narrow screen keeps the order
                    columns = st.columns(2)
                with columns[place % 2]:
                    chosen[name] = _ask(kinds[name], label, getattr(base, name), helps[name])
    return {name: value for name, value in chosen.items() if value != getattr(base, name)}


def _ask(kind: Any, label: str, value: Any, words: str) -> Any:
    """Show the widget of one field's type."""
    if kind is bool:
        return st.checkbox(label, value, help=words)
    if get_origin(kind) is Literal:
        return st.selectbox(label, get_args(kind), get_args(kind).index(value), help=words)
    if kind is str:
        return st.text_input(label, value, help=words)
    if kind is int:
        return st.number_input(label, 0, None, value, help=words)
    step = 0.05 if value and value >= 0.1 else 0.001
    return st.number_input(label, 0.0, None, value, step, "%g", placeholder="the same", help=words)
