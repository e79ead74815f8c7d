"""Architecture, two nets side by side: any model source, and torchvision's other classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.architecture.traces import get_comparison
from alexcore.dashboard.caching import get_runs
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.session import get_own_sources
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.models import list_models
from alexcore.models.sources_2012 import load_sources
from alexcore.sources import create_imagenet_source, create_run_source, create_untrained_source

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from alexcore.inspection.compare import Comparison
    from alexcore.inspection.nets import Net

_COLOURS = ("#0072b2", "#e07b00")


@st.fragment
def show_compare() -> None:
    """The whole panel; full against half width opens by default."""
    row = st.grid(columns=4, min_column_width=150)
    left_place, right_place = row.container(), row.container()
    classes = row.number_input(
        "Classes", 1, 100_000, 1000, key=urls.COMPARED_CLASSES, bind="query-params"
    )
    hidden = row.number_input(
        "Hidden width", 1, 16_384, 4096, 256, key=urls.COMPARED_HIDDEN, bind="query-params"
    )
    nets = _list_nets(int(classes), int(hidden))
    names = list(nets)
    left = left_place.selectbox(
        "Left", names, names.index("untrained-full"), key=urls.LEFT, bind="query-params"
    )
    right = right_place.selectbox(
        "Right", names, names.index("untrained-half"), key=urls.RIGHT, bind="query-params"
    )
    st.caption(
        "Each net at its own input size. Classes and hidden width hold for the untrained variants; "
        "all others keep theirs."
    )
    with errors_shown():
        comparison = get_comparison(nets[left], nets[right])
        _show_totals(comparison)
        _show_bars(comparison, [_get_variant(nets[name]) for name in (left, right)])
        st.dataframe(
            _mark_changes(comparison),
            hide_index=True,
            height=460,
            alt=f"Layers of {left} and {right}, differences marked",
        )
        st.caption("Marked: what differs. A dash: the net has no such layer.")
    with st.expander("What halving the width does, and what the paper compared"):
        st.markdown(_describe_halving())


def _describe_halving() -> str:
    sources = load_sources()
    found, net, half = sources.half_width, sources.net, sources.one_gpu
    top1, top5 = found.points
    return (
        "A convolution's cost follows the product of its input and output channels, so halving "
        "both leaves about a quarter; fc6 halves with its input, and fc7 and fc8 stay. "
        "Parameters sit in fc6 and fc7, mult-adds in the convolutions, so parameters fall little "
        "and mult-adds much.\n\n"
        f"The paper's comparison is another question. Its net on one GPU (section {found.section}) "
        "kept conv5 and the fully connected layers whole, so that it has "
        f"{half.parameters / net.parameters:.0%} of the parameters and "
        f"{half.mult_adds / net.mult_adds:.0%} of the mult-adds: {half.parameters:,} against "
        f"{net.parameters:,}. It errs {top1:.1f} points more often in the first place and "
        f"{top5:.1f} in the first five. `one_gpu` is that net; `half` is the article's."
    )


def _list_nets(num_classes: int, hidden: int) -> dict[str, Net]:
    """Return {name: net}: every source, own weights first, and torchvision's classifiers."""
    from alexcore.inspection.nets import list_torchvision_nets

    runs, _ = get_runs()  # also those whose weights are not here, which a trace does not read
    sources = (
        *get_own_sources().values(),
        *(create_untrained_source(spec, num_classes, hidden) for spec in list_models()),
        *(create_run_source(run) for run in runs),
        create_imagenet_source(),
    )
    nets: dict[str, Net] = {source.name: source for source in sources}
    return nets | {name: name for name in list_torchvision_nets() if name not in nets}


def _get_variant(net: Net) -> str:
    return net if isinstance(net, str) else net.spec.name


def _show_totals(comparison: Comparison) -> None:
    grid = st.grid(columns=4, min_column_width=150)
    for total in comparison.totals[:4]:
        size = "bytes" in total.name
        value = f"{total.right / 1e6:,.1f} {'MB' if size else 'M'}"
        before = f"{total.left / 1e6:,.1f} {'MB' if size else 'M'}"
        grid.metric(
            total.name.replace(" bytes", "s").capitalize(),
            value,
            f"{total.ratio - 1:+.0%} from {before}",
            delta_color="off",
        )


def _show_bars(comparison: Comparison, variants: list[str]) -> None:
    from alexcore.figures.bars import plot_costs
    from alexcore.figures.palette import MODEL_COLOURS

    pairs = [
        pair
        for pair in comparison.pairs
        if (pair.left and pair.left.params) or (pair.right and pair.right.params)
    ]
    labels = [pair.label for pair in pairs]
    traces = (comparison.left, comparison.right)
    colours = [
        MODEL_COLOURS.get(variant, fallback)
        for variant, fallback in zip(variants, _COLOURS, strict=True)
    ]
    if colours[0] == colours[1]:
        colours[1] = "#b8559a"
    same = traces[0].name == traces[1].name
    names = (traces[0].name, f"{traces[1].name}, right" if same else traces[1].name)
    costs = {
        title: {
            name: [getattr(getattr(pair, side), field, 0) for pair in pairs]
            for name, side in zip(names, ("left", "right"), strict=True)
        }
        for title, field in (("Parameters", "params"), ("Mult-adds", "mult_adds"))
    }
    show_chart(
        plot_costs(labels, costs, colours),
        "costs",
        f"Parameters and mult-adds of each layer of {names[0]} and {names[1]}",
    )


def _mark_changes(comparison: Comparison) -> Styler:
    """Return the aligned table with the cells that differ in colour."""
    from alexcore.inspection.tables import format_shape, format_window

    rows, marks = [], []
    fields = {
        "window": "attributes",
        "output": "out_shape",
        "parameters": "params",
        "mult-adds": "mult_adds",
    }
    for pair in comparison.pairs:
        row = {"layer": pair.label}
        for side in ("left", "right"):
            layer = getattr(pair, side)
            row[f"window, {side}"] = format_window(layer) if layer else "–"
            row[f"output, {side}"] = format_shape(layer.out_shape[1:]) if layer else "–"
            row[f"parameters, {side}"] = f"{layer.params:,}" if layer else "–"
            row[f"mult-adds, {side}"] = f"{layer.mult_adds:,}" if layer else "–"
        rows.append(row)
        lone = pair.left is None or pair.right is None
        marks.append({name for name, field in fields.items() if lone or field in pair.changed})
    order = ["layer"] + [f"{name}, {side}" for name in fields for side in ("left", "right")]
    frame = pd.DataFrame(rows)[order]

    def colour(row: pd.Series[str]) -> list[str]:
        changed = marks[int(str(row.name))]
        return [
            "background-color: #e0a80033" if column.split(",")[0] in changed else ""
            for column in frame.columns
        ]

    return frame.style.apply(colour, axis=1)
