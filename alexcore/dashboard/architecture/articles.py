"""Architecture as the articles print it: the shape walk, the node names, a summary, the source."""

from inspect import getsource

import streamlit as st

from alexcore.dashboard.architecture.traces import get_trace
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.models import get_spec, list_models


def show_articles() -> None:
    """The four views for one variant."""
    names = [spec.name for spec in list_models()]
    row = st.grid(columns=3, min_column_width=150)
    name = row.selectbox("Variant", names, names.index("torchvision"), key="article")
    batch = row.number_input("Batch", 1, 4096, 4, key="article-batch")
    size = row.number_input(
        "Input size", 32, 512, get_spec(name).input_size, key=f"article-size-{name}"
    )
    with errors_shown():
        trace = get_trace(name, int(size), int(batch))
        from alexcore.inspection.tables import format_summary, format_walk

        st.subheader("The shape walk")
        st.caption("The shape after every layer, in the order of computation.")
        st.code(format_walk(trace), language=None)
        left, right = st.columns(2)
        with left:
            st.subheader("The node names")
            st.caption("As torchvision's feature extraction names them.")
            st.code("\n".join(layer.node for layer in trace.layers), language=None, height=320)
        with right:
            st.subheader("The summary")
            st.code(format_summary(trace), language=None)
    st.subheader("The source")
    from alexcore.models import alexnet

    st.code(getsource(alexnet), language="python", height=420)
