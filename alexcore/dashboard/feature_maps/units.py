"""Feature maps, what a net's units answer to: the parts of drawn pictures, by their masks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference_lock
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.worth import show_named
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.tasks import work_shown
from alexcore.errors import DatasetError
from alexcore.figures.units import plot_units
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.features.units import Units
    from alexcore.inference.model import Inference, LoadedModel

_TABLE = "units-table"


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(path: str, modified: int) -> Units | None:
    from alexcore.features.units import load_units

    return load_units(Path(path))


def get_units(source: ModelSource) -> Units | None:
    """Return what was found for a model, None before.

    Raises:
        CheckpointError: The file is damaged.
    """
    from alexcore.features.units import find_units_file

    path = find_units_file(source)
    return _load(str(path), path.stat().st_mtime_ns) if path.is_file() else None


def describe_unit(source: ModelSource, label: str, channel: int) -> str:
    """Return what follows a channel's number: the part it answers to, once units are named."""
    from alexcore.features.units import NO_PART

    units, layer = get_units(source), f"conv{label[-1]}"
    if units is None or layer not in units.ious:
        return ""
    name, iou = units.name_unit(layer, channel)
    return "" if name == NO_PART else f": answers to {name} (overlap {iou:.2f})"


def show_units(inference: Inference) -> None:
    """How many units of each layer have a name, and the units of one layer by theirs.

    Raises:
        AlexcoreError: The pictures cannot be drawn, or the result not be written or read.
    """
    from alexcore.features.units import require_drawn

    source = inference.model.source
    try:
        drawn = require_drawn(source)
    except DatasetError as error:
        st.info(str(error)[:1].upper() + str(error)[1:], icon=":material/info:")
        return
    units = get_units(source)
    st.caption(
        f"A unit's strongest cells, half a percent of all over test pictures of {drawn}, against "
        "the masks that the pictures were drawn by: it bears the name of the part with which they "
        "have the highest intersection over union (IoU), from 0.04 on "
        "([Bau et al., 2017](https://arxiv.org/abs/1704.05796))."
    )
    if units is None:
        st.caption("Found once for a model in two passes over 200 pictures, then kept.")
        if ask_to_write("Name the units", ":material/label:"):
            _find(inference.model)
            st.rerun()
        return
    left, right = st.columns([2, 3])
    with left:
        _show_counts(units, source)
    with right:
        _show_table(units, source)
    show_named()


def _find(model: LoadedModel) -> None:
    from alexcore.features.dissection import draw_test_pictures, find_units
    from alexcore.features.units import find_units_file, save_units

    with work_shown(f"Drawing {model.source.trained_on}") as on_progress:
        paths = draw_test_pictures(model.source, on_progress=on_progress)
    with work_shown(f"Naming the units of {model.source.name}") as on_progress:
        units = find_units(model, paths, on_progress, get_inference_lock())
    save_units(find_units_file(model.source), units)


def _show_counts(units: Units, source: ModelSource) -> None:
    """Bars of named units; a click on one chooses its layer."""
    counts = {layer: units.count_named(layer) for layer in units.ious}
    sizes = {layer: len(ious) for layer, ious in units.ious.items()}
    st.markdown("**Units that answer to a part**")
    show_chart(
        plot_units(counts, sizes),
        "units",
        f"How many units of each layer of {source.name} answer to each part",
        lambda click: st.session_state.update({urls.UNIT_LAYER: click["x"]}),
    )
    st.download_button(
        "Counts, CSV", lambda: _write_counts(units), f"{source.name}-named-units.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _write_counts(units: Units) -> str:
    rows = [
        f"{layer},{part},{count}"
        for layer in units.ious
        for part, count in units.count_named(layer).items()
    ]
    return "\n".join(("layer,part,units", *rows, ""))


def _show_table(units: Units, source: ModelSource) -> None:
    """The units of a layer; choosing one opens its channel."""
    layers = list(units.ious)
    layer = st.segmented_control(
        "Layer", layers, default=layers[-1], required=True, key=urls.UNIT_LAYER,
        bind="query-params", wrap=True,
    )  # fmt: skip
    table = units.create_table(layer)

    def choose() -> None:
        rows = st.session_state[_TABLE].selection.rows
        if rows:
            st.session_state[urls.FEATURE_VIEW] = "Grid"
            st.session_state[urls.LAYER] = layer.replace("conv", "relu")
            st.session_state[urls.CHANNEL] = int(table["channel"].iloc[rows[0]])

    most = max(0.1, float(table["IoU"].max()))
    bar = st.column_config.ProgressColumn(width="small", format="%.3f", min_value=0, max_value=most)
    st.dataframe(
        table, key=_TABLE, hide_index=True, height=460, on_select=choose,
        selection_mode="single-row",
        column_config={
            "IoU": bar,
            "its IoU": bar,
            "threshold": st.column_config.NumberColumn(
                format="%.3g", help="What the strongest half percent of its cells exceed."
            ),
        },
        alt=f"The units of {layer} of {source.name} with the part each answers to",
    )  # fmt: skip
    named = sum(units.count_named(layer).values())
    st.caption(
        f"{named} of {len(table)} units of {layer} answer to a part. Choose a row to open its "
        "channel in the grid."
    )
    st.download_button(
        "All units, CSV", lambda: _write_units(units), f"{source.name}-units.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _write_units(units: Units) -> str:
    import pandas as pd

    tables = {layer: units.create_table(layer) for layer in units.ious}
    return pd.concat(tables, names=["layer", None]).reset_index("layer").to_csv(index=False)
