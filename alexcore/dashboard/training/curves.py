"""The learning curves: training and validation side by side, or one chart a configuration."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.training.runs import Line, find_drops
from alexcore.figures.curves import (
    AXIS_TITLES,
    METRIC_TITLES,
    Axes,
    Axis,
    Curve,
    Panel,
    fold_curves,
    plot_curves,
    smooth,
)

_SIDES = {"train": "Training", "val": "Validation"}
_TOGETHER, _APART = "training | validation", "one chart a configuration"
_AXES = {title: axis for axis, title in AXIS_TITLES.items()}


@st.fragment
def show_curves(lines: list[Line]) -> None:
    """Draw the lines as the controls above them say; every control is in the URL."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    layout = row.segmented_control(
        "Charts", [_TOGETHER, _APART], default=_TOGETHER, required=True,
        key=urls.CHARTS, bind="query-params", wrap=True,
        help="One chart a configuration is the article's view: one for each model and batch size.",
    )  # fmt: skip
    axis = _AXES[
        row.selectbox("Horizontal axis", list(_AXES), key=urls.AXIS, bind="query-params", width=190)
    ]
    half_life = row.slider(
        "Smoothing: half-life in images", 0, 8000, 800, 100, width=230,
        key=urls.HALF_LIFE, bind="query-params",
        help="Counted in images, so that batch 8 and batch 16 are smoothed alike.",
    )  # fmt: skip
    fold = row.toggle("Fold seeds", True, key=urls.FOLD, bind="query-params",
                      help="One line a configuration: the mean, in a band from lowest to highest.",
    )  # fmt: skip
    log = row.toggle("Log loss", key=urls.LOG, bind="query-params")
    clip = row.toggle("Clip outliers", True, key=urls.CLIP, bind="query-params",
                      help="The axis leaves out the outermost 2% of the values.",
    )  # fmt: skip
    if layout == _APART:
        _show_configurations(lines, axis, Axes(AXIS_TITLES[axis], half_life, log, clip))
        return
    axes = Axes(AXIS_TITLES[axis], half_life, log, clip, find_drops(lines, axis))
    columns = [_create_panels(lines, side, axis, fold) for side in _SIDES]
    for title, panels in zip(_SIDES.values(), columns, strict=True):
        if not panels:
            st.info(f"None of the chosen runs has figures of {title.lower()}.")
    shown = [panels for panels in columns if panels]
    if shown:
        alt = f"Training and validation loss and accuracy of {len(lines)} runs"
        show_chart(plot_curves(shown, axes), "curves", alt)
        _offer_csv(lines, "runs", half_life)


_METRICS = ("loss", "accuracy")


def _create_panels(lines: list[Line], side: str, axis: Axis, fold: bool) -> list[Panel]:
    """Return loss and accuracy of training or validation, as far as the runs have them."""
    curves = {metric: _select(lines, f"{side}_{metric}", axis, fold) for metric in _METRICS}
    return [
        Panel(f"{_SIDES[side]} {metric}", curves[metric], metric == "accuracy")
        for metric in _METRICS
        if curves[metric]
    ]


def _select(lines: list[Line], metric: str, axis: Axis, fold: bool) -> list[Curve]:
    """Return the lines' curves of one column, seeds of a configuration folded when asked."""
    groups: dict[str, list[Curve]] = {}
    for line in lines:
        curve = _create_curve(line, metric, axis)
        if curve is not None:
            groups.setdefault(line.configuration if fold else line.name, []).append(curve)
    return [
        fold_curves(curves, name) if len(curves) > 1 else curves[0]
        for name, curves in groups.items()
    ]


def _create_curve(line: Line, metric: str, axis: Axis) -> Curve | None:
    values = line.frame[metric].to_numpy(np.float64)
    x = line.frame[axis].to_numpy(np.float64)
    seen = line.frame["images_seen"].to_numpy(np.float64)
    if np.isnan(x).all():  # a file from elsewhere may count epochs alone
        x = line.frame["epoch"].to_numpy(np.float64)
    seen = np.where(np.isnan(seen), line.frame["epoch"].to_numpy(np.float64), seen)
    kept = np.isfinite(values) & np.isfinite(x)
    if not kept.any():
        return None
    return Curve(line.name, line.colour, line.dash, x[kept], seen[kept], values[kept])


def _show_configurations(lines: list[Line], axis: Axis, axes: Axes) -> None:
    """The article's pictures: one chart a configuration, training dotted against validation."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.configuration, []).append(line)
    grid = st.grid(columns=2, min_column_width=340)
    for configuration, members in groups.items():
        panels = []
        for metric in _METRICS:
            curves = []
            for side, dash in (("train", "dot"), ("val", "solid")):
                for curve in _select(members, f"{side}_{metric}", axis, True):
                    name = METRIC_TITLES[f"{side}_loss"].removesuffix(" loss")
                    curves.append(
                        Curve(name, curve.colour, dash, curve.x, curve.images_seen, curve.y,
                              curve.low, curve.high)
                    )  # fmt: skip
            if curves:
                panels.append(Panel(f"{configuration}: {metric}", curves, metric == "accuracy"))
        chart = plot_curves([panels], replace(axes, drops=find_drops(members, axis)))
        with grid.container():
            show_chart(
                chart,
                f"configuration-{configuration}",
                f"Training and validation of {configuration}",
            )
            _offer_csv(members, configuration.replace(", ", "-").replace(" ", "-"), axes.half_life)


def _offer_csv(lines: list[Line], name: str, half_life: float) -> None:
    st.download_button(
        "CSV", partial(_write_csv, lines, half_life), f"{name}-curves.csv", "text/csv",
        key=f"{name}-csv", on_click="ignore", icon=":material/download:",
        help="Raw and smoothed values of these runs. The chart's own toolbar saves a PNG.",
    )  # fmt: skip


def _write_csv(lines: list[Line], half_life: float) -> str:
    """Return one row a run and epoch: positions, raw and smoothed values."""
    tables = []
    for line in lines:
        table = line.frame[["epoch", "step", "images_seen", "seconds", "lr"]].assign(run=line.name)
        seen = line.frame["images_seen"].to_numpy(np.float64)
        for metric in METRIC_TITLES:
            values = line.frame[metric].to_numpy(np.float64)
            table[metric] = values
            table[f"{metric}_smoothed"] = smooth(values, seen, half_life)
        tables.append(table)
    return pd.concat(tables).to_csv(index=False)
