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
AS_BUILT = "as each net"
_ROUNDING = {AS_BUILT: None, "up": True, "down": False}
_PADDING = {AS_BUILT: None, "0": 0, "2": 2}


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
            "padding seen, left": st.column_config.NumberColumn(
                help="Pixels that the first cell sees beyond the left and upper edge."
            ),
            "padding seen, right": st.column_config.NumberColumn(
                help="Pixels that the last cell sees beyond the right and lower edge."
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
    from alexcore.figures.size_strip import draw_size_strip, find_runs

    st.subheader("Which input sizes work")
    row = st.container(horizontal=True)
    rounding = row.segmented_control(
        "Number of windows, rounded",
        list(_ROUNDING),
        default=AS_BUILT,
        required=True,
        key=urls.ROUNDING,
        bind="query-params",
        help="Up: a last window may hang over the right and lower edge, as in the program of 2012. "
        "Down: such a window is left out, as libraries do unless told otherwise.",
    )
    padding = row.segmented_control(
        "Zeros on each side of the picture",
        list(_PADDING),
        default=AS_BUILT,
        required=True,
        key=urls.PADDING,
        bind="query-params",
    )
    sizes = get_input_sizes(SMALLEST, LARGEST, _ROUNDING[rounding], _PADDING[padding])
    st.image(
        draw_size_strip(sizes, SMALLEST, LARGEST, controls.size),
        width="stretch",
        alt="For each variant the input sizes from 32 to 512 pixels that it accepts",
    )
    runs = [f"{first} to {last}" for first, last in find_runs(sizes[controls.spec.name])]
    told = " and ".join(runs) or "none"
    st.caption(f"Sizes that {controls.spec.name} so takes, in pixels: {told}.")
    with st.expander("Why 224 works here and fails there"):
        st.markdown(
            "An 11 × 11 kernel at stride 4 fits (224 − 11) / 4 + 1 = 54.25 times. The program of "
            "2012 rounds up to 55: its last window hangs three pixels over the right and lower "
            "edge and reads zeros there, none above or left. So `original` takes 224. Rounded down "
            "it is 54, and the full net ends in 5 × 5 cells where fc6 expects 6 × 6. Two later "
            "repairs also give 55: 227 pixels (`full`, `half`), and zeros on all sides, two wide "
            "(`torchvision`). An average pool to 6 × 6 before fc6 lets `torchvision` take any size "
            "from 63."
        )
