"""Architecture, one layer: its attributes, the arithmetic of its size, and its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.architecture.traces import get_weight_facts
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.dashboard.widgets.kernels import show_kernel_view, show_kernels
from alexcore.dashboard.widgets.weights import offer_weights
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.inspection.trace import Layer, Trace


def show_details(trace: Trace, labels: list[str], source: ModelSource) -> str:
    """The chosen layer: facts on the left, the model's weights on the right; returns its label."""
    st.subheader("One layer")
    label = st.selectbox(
        "Layer", labels, labels.index("conv1"), key=urls.DETAIL, bind="query-params"
    )
    layer = trace.find(label)
    left, right = st.columns(2)
    with left:
        _show_facts(layer, trace.input_shape[-1])
    with right:
        if not layer.params:
            st.caption(f"{layer.label} has no weights.")
        elif source.spec.name != trace.name:
            st.caption(
                f"Choose a model of the variant {trace.name} in the sidebar to see its weights."
            )
        else:
            with errors_shown():
                if offer_weights(source):
                    _show_weights(source, layer)
    return label


def _show_facts(layer: Layer, size: int) -> None:
    """Shapes, the arithmetic of the output size, cost and view, in sentences."""
    from alexcore.inspection.tables import format_shape
    from alexcore.models.input_sizes import SizeStep

    found = layer.attributes
    lines = [f"`{layer.node}`, {layer.kind}"]
    lines.append(f"in {format_shape(layer.in_shape)}, out {format_shape(layer.out_shape)}")
    if "kernel" in found and len(layer.in_shape) == 4:
        window = (found["kernel"], found["stride"], found["padding"], "ceil_mode" in found)
        step = SizeStep(layer.label, layer.in_shape[-1], *window)
        lines.append("side: (in + 2·padding − kernel) / stride + 1")
        lines.append(f"side: {step.arithmetic}")
    if layer.params:
        lines.append(f"{layer.params:,} parameters, {layer.mult_adds:,} mult-adds")
    if view := layer.receptive_field:
        before, after = view.overhang(size)
        lines.append(
            f"one cell sees {view.field} × {view.field} pixels, the next one {view.jump} further; "
            f"the outermost reach {before} beyond the picture left and above, {after} right and "
            "below"
        )
        if view.widened:
            wide = view.field + view.widened
            lines.append(f"the spatial norm lets {wide} × {wide} pixels change it a little")
    else:
        lines.append("every value sees the whole picture")
    st.markdown("\n".join(f"- {line}" for line in lines))
    rest = {name: value for name, value in found.items() if name not in ("kernel",)}
    if rest:
        st.caption(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in rest.items()))


def _show_weights(source: ModelSource, layer: Layer) -> None:
    facts = get_weight_facts(source, layer.label)
    found = facts.statistics
    st.markdown(
        f"{found.count:,} weights of {source.name}: {found.minimum:.3f} to {found.maximum:.3f}, "
        f"mean {found.mean:.4f}, standard deviation {found.std:.4f}, {found.sparsity:.1%} zero"
    )
    show_chart(facts.histogram, "histogram", f"Histogram of the weights of {layer.label}")
    if layer.label == "conv1" and source.run is not None:
        show_kernels(source.run)
    elif facts.kernels is not None:
        show_kernel_view(facts.kernels, "Every kernel of conv1, each over its own range (figure 3)")
