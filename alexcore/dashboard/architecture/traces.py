"""Kept for the Architecture page: traces, comparisons, facts of weights, and exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard.caching import HASHES, get_model
from alexcore.dashboard.widgets.kernels import KernelView, draw_kernels
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from alexcore.inspection.compare import Comparison
    from alexcore.inspection.nets import Net
    from alexcore.inspection.trace import Trace
    from alexcore.inspection.weight_statistics import WeightStatistics


@st.cache_data(max_entries=256, show_spinner=False)
def get_trace(
    name: str,
    input_size: int,
    batch: int = 1,
    num_classes: int | None = None,
    hidden: int | None = None,
) -> Trace:
    """Return the layer table of a variant.

    Raises:
        ModelError: The size does not fit.
    """
    from alexcore.inspection.trace import trace_variant

    return trace_variant(name, input_size, batch, num_classes, hidden)


@st.cache_data(show_spinner=False)
def get_input_sizes(
    low: int, high: int, round_up: bool | None = None, padding: int | None = None
) -> dict[str, tuple[int, ...]]:
    """Return the sizes each variant accepts, perhaps with another rounding or padding of conv1."""
    from alexcore.models import get_config, list_models
    from alexcore.models.input_sizes import list_input_sizes, repair

    configs = {
        spec.name: repair(get_config(spec.name), round_up, padding) for spec in list_models()
    }
    return {name: list_input_sizes(config, low, high) for name, config in configs.items()}


@st.cache_data(max_entries=16, show_spinner="Tracing ...", hash_funcs=HASHES, scope="session")
def get_comparison(left: Net, right: Net) -> Comparison:
    """Return two nets side by side, each at its own input size.

    Raises:
        ModelError: torch.fx cannot follow a net.
    """
    from alexcore.inspection.compare import compare_traces
    from alexcore.inspection.nets import trace_net

    return compare_traces(trace_net(left), trace_net(right))


@dataclass(frozen=True, slots=True)
class WeightFacts:
    """A layer's weights in numbers and as a histogram; conv1's as pictures too, but for runs.

    A run's kernels are shown through time, by ``show_kernels``.
    """

    statistics: WeightStatistics
    histogram: go.Figure
    kernels: KernelView | None


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=HASHES, scope="session")
def get_weight_facts(source: ModelSource, label: str) -> WeightFacts:
    """Return what is known of the weights, which are here, of a layer of the chosen model.

    Raises:
        CheckpointError: The weights are missing or damaged.
    """
    from alexcore.figures.bars import plot_histogram
    from alexcore.figures.palette import get_model_colour
    from alexcore.inspection.weight_statistics import compute_weight_statistics

    loaded = get_model(source)
    weights = loaded.module.get_parameter(f"{loaded.find_node(label)}.weight").detach().cpu()
    pictures = label == "conv1" and source.run is None
    kernels = draw_kernels(weights) if pictures else None
    found = compute_weight_statistics(weights)
    chart = plot_histogram(found.counts, found.edges, get_model_colour(source.spec.name))
    return WeightFacts(found, chart, kernels)


def prepare_export(source: ModelSource, kind: str) -> bytes:
    """Return the chosen model as an ``onnx`` or ``safetensors`` file.

    Raises:
        CheckpointError: The weights are missing or damaged.
        ModelError: ONNX cannot express the model.
    """
    from copy import deepcopy

    from safetensors.torch import save

    from alexcore.inspection.export import export_onnx

    model = deepcopy(get_model(source).module).cpu()
    if kind == "onnx":
        return export_onnx(model, source.preprocessing.crop)
    return save(model.state_dict())
