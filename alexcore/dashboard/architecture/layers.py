"""Architecture, layer by layer: the controls, the picture, the table, and the sizes that work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.architecture.details import show_details
from alexcore.dashboard.architecture.traces import get_input_sizes, get_trace
from alexcore.dashboard.components.volumes import show_volumes
from alexcore.dashboard.warm_up import skeleton_while_cold
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.models import ModelSpec, get_spec, list_models
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.inspection.trace import Trace

_TABLE = "layers-table"
SMALLEST, LARGEST = 32, 512


@dataclass(frozen=True, slots=True)
class Controls:
    """What the controls above the picture hold."""

    spec: ModelSpec
    size: int
    batch: int
    classes: int
    hidden: int


def show_controls(source: ModelSource) -> Controls:
    """Variant, input size, batch, classes and hidden width, all in the URL."""
    names = [spec.name for spec in list_models()]
    if st.session_state.setdefault("variant_of", source.name) != source.name:
        st.session_state["variant_of"] = source.name
        st.session_state[urls.VARIANT] = source.spec.name
        _follow_variant(source)
    row = st.grid(columns=4, min_column_width=150)
    name = row.selectbox(
        "Variant",
        names,
        index=names.index(source.spec.name),
        key=urls.VARIANT,
        bind="query-params",
        on_change=_follow_variant,
        args=(source,),
        persist_state="session",
    )
    spec = get_spec(name)
    own_classes, own_hidden = _find_widths(source, spec)
    batch = row.number_input("Batch", 1, 4096, 1, key=urls.BATCH, bind="query-params")
    classes = row.number_input(
        "Classes", 1, 100_000, own_classes, key=urls.CLASSES, bind="query-params"
    )
    hidden = row.number_input(
        "Hidden width", 1, 16_384, own_hidden, 256, key=urls.HIDDEN, bind="query-params"
    )
    size = st.slider(
        "Input size in pixels",
        SMALLEST,
        LARGEST,
        spec.input_size,
        key=urls.SIZE,
        bind="query-params",
    )
    return Controls(spec, size, int(batch), int(classes), int(hidden))


def _follow_variant(source: ModelSource) -> None:
    """Give every other control the new variant's own value."""
    spec = get_spec(st.session_state[urls.VARIANT])
    st.session_state[urls.SIZE] = spec.input_size
    st.session_state[urls.CLASSES], st.session_state[urls.HIDDEN] = _find_widths(source, spec)


def _find_widths(source: ModelSource, spec: ModelSpec) -> tuple[int, int]:
    """Return classes and hidden width: the model's, or of another variant than its the usual."""
    own = source if source.spec == spec else spec
    return own.num_classes, own.hidden


@st.fragment
def show_layers(source: ModelSource) -> None:
    """The whole panel; a move of a control redraws it alone."""
    from alexcore.figures.volumes import draw_volumes, list_volumes

    controls = show_controls(source)
    with errors_shown():
        with skeleton_while_cold():
            trace = get_trace(
                controls.spec.name, controls.size, controls.batch, controls.classes, controls.hidden
            )
        labels = [layer.label for layer in trace.layers]
        if st.session_state.get(urls.DETAIL, "conv1") not in labels:
            st.session_state[urls.DETAIL] = "conv1"
        above = st.container()  # a link's layer is known once its widget has run
        _show_totals(trace)
        _show_table(trace)
        chosen = show_details(trace, labels, source)
        with above:
            show_volumes(draw_volumes(list_volumes(trace), chosen), _choose_layer)
    _show_sizes(controls)


def _choose_layer(label: str) -> None:
    st.session_state[urls.DETAIL] = label


def _show_totals(trace: Trace) -> None:
    totals = st.grid(columns=4, min_column_width=140)
    totals.metric("Parameters", f"{trace.params:,}")
    totals.metric("Mult-adds", f"{trace.mult_adds / 1e6:,.1f} M", help="A bias counts as one.")
    totals.metric(
        "Activations, inference",
        f"{trace.peak_bytes / 1e6:,.1f} MB",
        help="Input and output of the layer where both together are largest, float32.",
    )
    totals.metric(
        "Activations, training",
        f"{trace.saved_bytes / 1e6:,.1f} MB",
        help="What autograd keeps for the backward pass, float32, without dropout's masks.",
    )


def _show_table(trace: Trace) -> None:
    """The layers; choosing a row opens its details."""
    from alexcore.inspection.tables import create_table, format_latex, format_markdown

    table = create_table(trace)

    def choose() -> None:
        rows = st.session_state[_TABLE].selection.rows
        if rows:
            _choose_layer(table["layer"].iloc[rows[0]])

    number = st.column_config.NumberColumn(format="localized")
    share = st.column_config.ProgressColumn(
        "share", width=90, format="percent", min_value=0, max_value=1
    )
    size = st.column_config.NumberColumn(format="bytes")
    st.dataframe(
        table,
        key=_TABLE,
        hide_index=True,
        height=390,
        on_select=choose,
        selection_mode="single-row",
        placeholder="",
        column_config={
            "parameters": number,
            "parameter share": share,
            "mult-adds": number,
            "mult-add share": share,
            "memory, inference": size,
            "memory, training": size,
            "padding seen": st.column_config.NumberColumn(
                help="Pixels of padding in the receptive field of the corner cell."
            ),
        },
        alt=f"Layers of {trace.name} for an input of {trace.input_shape}",
    )
    row = st.container(horizontal=True)
    for label, write, name in (
        ("CSV", lambda: table.to_csv(index=False), "csv"),
        ("Markdown", lambda: format_markdown(table), "md"),
        ("LaTeX", lambda: format_latex(table), "tex"),
    ):
        row.download_button(
            label,
            write,
            f"{trace.name}-{trace.input_shape[-1]}.{name}",
            on_click="ignore",
            icon=":material/download:",
            key=f"download-{name}",
        )


def _show_sizes(controls: Controls) -> None:
    from alexcore.figures.size_strip import draw_size_strip

    st.subheader("Which input sizes work")
    st.image(
        draw_size_strip(get_input_sizes(SMALLEST, LARGEST), SMALLEST, LARGEST, controls.size),
        width="stretch",
        alt="For each variant the input sizes from 32 to 512 pixels that it accepts",
    )
    with st.expander("Why 224 fails where 227 works"):
        st.markdown(
            "The paper says 224 pixels, but its first layer, 11 × 11 at stride 4 without padding, "
            "gives (224 − 11) / 4 + 1 = 54.25. With 227 pixels it is 55, the number the paper goes "
            "on with; at 224 the full net ends in 5 × 5 cells where fc6 expects 6 × 6. Padding by "
            "2 mends it too (`original`, `torchvision`), and an average pool to 6 × 6 before fc6 "
            "lets `torchvision` take any size from 63. The paper's figure 2 counts 253,440 neurons "
            "in conv1; 55 × 55 × 96 are 290,400."
        )
