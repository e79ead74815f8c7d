"""What happens to shape and cost, layer by layer, at any input size."""

import pandas as pd
import streamlit as st

from alexcore.models import get_spec, list_models
from ui.cache import get_trace
from ui.errors import errors_shown
from ui.state import get_model_choice

choice = get_model_choice()
st.title("Architecture")
st.markdown("Follow one picture through the layers: how its shape shrinks and where the cost sits.")

names = [spec.name for spec in list_models()]
left, middle, right = st.columns([2, 4, 2], vertical_alignment="bottom")
name = left.selectbox(
    "Variant", names, index=names.index(choice.spec.name), key="variant", bind="query-params"
)
spec = get_spec(name)
size = middle.slider(
    "Input size in pixels", 32, 512, spec.input_size, key=f"size-{name}", bind="query-params"
)
classes = right.number_input("Classes", 1, 100_000, spec.num_classes, key=f"classes-{name}")

with errors_shown():
    trace = get_trace(name, size, num_classes=classes)
    totals = st.grid(columns=4, min_column_width=140)
    totals.metric("Parameters", f"{trace.params:,}")
    totals.metric("Mult-adds", f"{trace.mult_adds / 1e6:,.1f} M", help="A bias counts as one.")
    totals.metric("Activations, inference", f"{trace.peak_bytes / 1e6:,.1f} MB")
    totals.metric("Activations, training", f"{trace.saved_bytes / 1e6:,.1f} MB")
    rows = [
        {
            "layer": layer.label,
            "kind": layer.kind,
            "module": layer.node,
            "output shape": " × ".join(map(str, layer.out_shape)),
            "parameters": layer.params,
            "share": layer.params / trace.params,
            "mult-adds": layer.mult_adds,
            "cost": layer.mult_adds / trace.mult_adds,
            "receptive field": layer.view.field if layer.view else None,
            "jump": layer.view.jump if layer.view else None,
        }
        for layer in trace.layers
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content",
        column_config={
            "parameters": st.column_config.NumberColumn(format="localized"),
            "mult-adds": st.column_config.NumberColumn(format="localized"),
            "share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "cost": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        alt=f"Layers of {spec.title} at {size} pixels",
    )
