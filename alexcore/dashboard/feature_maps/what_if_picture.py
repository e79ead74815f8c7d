"""Feature maps, what if the picture were another: parts covered, turned and shifted by hand.

Drawn by the page itself, not within a fragment: a new stroke ends the curves of the one before.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard import urls
from alexcore.dashboard.caching import (
    get_changed_inference,
    get_inference_lock,
    keep_work,
)
from alexcore.dashboard.components.brush import Surface, show_brush
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.picks import (
    list_map_labels,
    pick_channel,
    pick_class,
    pick_layer,
)
from alexcore.dashboard.tasks import work_shown
from alexcore.dashboard.widgets.errors import show_error
from alexcore.errors import AlexcoreError
from alexcore.figures.bars import plot_change
from alexcore.figures.curves import Axes, Curve, Panel, plot_curves
from alexcore.figures.palette import CLASS_COLOURS, RAISES
from alexcore.figures.sprites import ColourScale, Grid, create_sprite, encode_png

if TYPE_CHECKING:
    from alexcore.features.picture_changes import Cover, Fill, Move, Way
    from alexcore.inference.model import Inference

_FILLS: tuple[Fill, ...] = ("grey", "blur", "noise")
_CURVES: dict[str, tuple[Way, range, str]] = {
    "angle": ("angle", range(-180, 181, 12), "turned by so many degrees clockwise"),
    "shift across": ("right", range(-100, 101, 8), "shifted to the right by so many pixels"),
    "shift down": ("down", range(-100, 101, 8), "shifted down by so many pixels"),
}
_OTHERS = 4
_COVERED = "covered"
_MOST = "changes-most"
_LONGEST = 1500
"""Letters of strokes that go into a link; longer ones are kept with the session alone."""


def show_what_if_picture(inference: Inference) -> None:
    """What is done to the picture, and what the net then says; all in the URL."""
    from alexcore.features.picture_changes import PictureChange

    left, right = st.columns(2, gap="medium")
    with left:
        cover = _draw_cover(inference)
    with right:
        received = st.container()  # above what turns it, so that both are seen at once
        move = _pick_move()
        changed = get_changed_inference(inference, PictureChange(cover, move))
        with received:
            _show_received(inference, changed)
        _show_maps(inference, changed)
    _show_curves(inference, cover, move)


def _draw_cover(inference: Inference) -> Cover:
    """The picture to draw on, and what the covered parts are filled with."""
    from alexcore.features.picture_changes import Cover, read_strokes

    text = st.session_state.setdefault(_COVERED, st.query_params.get(urls.COVER, ""))
    _keep_strokes(text)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tool = st.segmented_control(
            "Cover with", ["brush", "rectangle"], default="brush", required=True, key=urls.TOOL,
            bind="query-params",
            help="Drag on the picture. By keyboard: the arrow keys move a rectangle, with Shift "
            "they resize it, Enter covers what is in it, Backspace takes back, Escape clears.",
        )  # fmt: skip
        fill: Fill = st.segmented_control(
            "Filled with", _FILLS, default="grey", required=True, key=urls.FILL,
            bind="query-params",
            help="The grey is what the net reads as 0, ImageNet's mean colour for most; the blur "
            "is the picture's own; the noise is the same every time.",
        )  # fmt: skip
    width = 0
    if tool == "brush":
        width = st.slider(
            "Width of the brush, % of the side", 2, 40, 12, key=urls.BRUSH, bind="query-params"
        )
    try:
        cover = Cover(read_strokes(text), fill)
    except AlexcoreError as error:
        show_error(error)
        cover = Cover()
    png = encode_png(Image.fromarray(inference.picture.pixels))
    alt = f"What the net receives of {inference.name}, to draw on."
    long = len(text) > _LONGEST  # drawn here, so the board keeps it to be undone, even too much
    drawn = text if cover.strokes or long else ""
    show_brush(Surface(png, drawn, 10 * width, alt), _keep_strokes, "brush-surface")
    if long:
        st.caption("Too much is drawn for a link: it stays in this session.")
    with st.container(horizontal=True):
        st.button(
            "Undo", icon=":material/undo:", disabled=not text, on_click=_keep_strokes,
            args=(text.rpartition("_")[0],),
        )  # fmt: skip
        st.button(
            "Clear", icon=":material/delete:", disabled=not text, on_click=_keep_strokes, args=("",)
        )
    return cover


def _keep_strokes(text: str) -> None:
    """Keep what is drawn with the session, and in the link where it is short enough."""
    st.session_state[_COVERED] = text
    in_link = text if len(text) <= _LONGEST else ""
    if in_link != st.query_params.get(urls.COVER, ""):
        if in_link:
            st.query_params[urls.COVER] = in_link
        else:
            del st.query_params[urls.COVER]


def _pick_move() -> Move:
    from alexcore.features.picture_changes import Move

    angle = st.slider("Turn, degrees clockwise", -180, 180, 0, key=urls.ANGLE, bind="query-params")
    row = st.container(horizontal=True)
    right, down = (
        row.slider(label, -100, 100, 0, key=key, bind="query-params")
        for label, key in (
            ("Shift to the right, pixels", urls.SHIFT_RIGHT),
            ("Shift down, pixels", urls.SHIFT_DOWN),
        )
    )
    st.button(
        "Straighten", icon=":material/restart_alt:", disabled=not (angle or right or down),
        on_click=lambda: st.session_state.update(
            dict.fromkeys((urls.ANGLE, urls.SHIFT_RIGHT, urls.SHIFT_DOWN), 0)
        ),
    )  # fmt: skip
    st.caption(
        "The covered picture is turned about its middle, then shifted. From outside comes the "
        "grey that the net reads as 0."
    )
    return Move(angle, right, down)


def _show_received(inference: Inference, changed: Inference) -> None:
    """The changed picture, and the classes before and after."""
    png = encode_png(Image.fromarray(changed.picture.pixels))
    picture, classes = st.columns([2, 3], vertical_alignment="center")
    with picture:
        st.image(png, width=200, alt=f"The changed {inference.name}, as the net receives it")
        st.download_button(
            "PNG", png, f"{inference.name}-changed.png", "image/png", on_click="ignore",
            icon=":material/download:", key="take-changed",
        )  # fmt: skip
    with classes:
        show_classes_after(inference, changed.logits, "moved-classes")


def show_classes_after(inference: Inference, logits: npt.NDArray[np.float32], key: str) -> None:
    """The likeliest classes of a picture, before and after something gave other logits (K,)."""
    from alexcore.features.ablation import to_probabilities

    shares = to_probabilities(inference.logits), to_probabilities(logits)
    most = np.argsort(-np.maximum(*shares), kind="stable")[:5]
    show_chart(
        plot_change(
            [inference.model.classes[n] for n in most], *(found[most].tolist() for found in shares)
        ),
        key,
        "The likeliest classes and their probabilities, before and after",
    )


def _show_maps(inference: Inference, changed: Inference) -> None:
    """One channel before and after, by one range."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    label = pick_layer(row, list_map_labels(inference))
    before, after = (found.find(label) for found in (inference, changed))
    channel = pick_channel(row, len(before))
    pair = np.stack([before[channel], after[channel]])
    cell = pair.shape[1] * max(1, 300 // pair.shape[1])
    scale = ColourScale(bool(before.min() < 0), "layer", 0.7)
    st.image(
        encode_png(create_sprite(pair, Grid(2, 1, cell, 12), scale)),
        width="stretch",
        alt=f"Channel {channel} of {label} for {inference.name}, before and after",
    )
    st.caption(
        f"Channel {channel} of {label} before and after, by one range: its maximum was "
        f"{pair[0].max():.3g} and is {pair[1].max():.3g}."
    )
    moved = np.abs(after - before).mean(axis=(1, 2))
    if moved.any():
        st.pills(
            "The channels that change most", np.argsort(-moved, kind="stable")[:6].tolist(),
            key=_MOST, on_change=_look_at_most,
        )  # fmt: skip


def _look_at_most() -> None:
    if (channel := st.session_state.get(_MOST)) is not None:
        st.session_state[urls.CHANNEL] = channel


def _show_curves(inference: Inference, cover: Cover, move: Move) -> None:
    """The classes' probabilities over one kind of move alone, and where the sliders stand."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        over = st.segmented_control(
            "Curves over", list(_CURVES), default="angle", required=True, key=urls.CURVE,
            bind="query-params",
        )  # fmt: skip
        target = pick_class(inference)
    way, values, words = _CURVES[over]
    what = f"Passes over {over}"
    if st.session_state.get(f"stop {what}"):
        st.caption("Stopped.")
        st.button("Go on", icon=":material/play_arrow:")
        return
    shares = _compute_curve(inference, cover, over, what)
    classes, others = inference.model.classes, np.argsort(-shares.max(0), kind="stable")
    shown = [target, *(n for n in others[: _OTHERS + 1].tolist() if n != target)][: _OTHERS + 1]
    x = np.array(values, np.float64)
    colours = (RAISES, *CLASS_COLOURS)
    lines = [
        Curve(classes[n], colours[place], "solid" if n == target else "dot", x, x, shares[:, n])
        for place, n in enumerate(shown)
    ]
    axes = Axes(words, clip=False, drops=[(getattr(move, way), "now")])
    figure = plot_curves([[Panel(f"Probability over {over}", lines, True)]], axes)
    figure.layout["yaxis"]["range"] = [0, 103]
    show_chart(figure, "moved-curves", f"The probabilities of the classes over the {over}")
    st.caption(
        f"The picture as it is covered, {words} and not moved otherwise, in {len(values)} steps; "
        f"the solid line is {classes[target]}, the dotted mark is the slider."
    )
    st.download_button(
        "CSV", lambda: write_curves(over, values, classes, shares),
        f"{inference.name}-{over.replace(' ', '-')}.csv", "text/csv", on_click="ignore",
        icon=":material/download:", key="take-curves",
    )  # fmt: skip


def _compute_curve(
    inference: Inference, cover: Cover, over: str, what: str
) -> npt.NDArray[np.float32]:
    """Return the probabilities (N, K) along one of the curves, kept with the session."""
    from alexcore.features.picture_changes import Move, compute_curve

    way, values, _ = _CURVES[over]
    moves = [Move(**{way: value}) for value in values]

    def compute() -> npt.NDArray[np.float32]:
        with work_shown(what, "passes", writes=False) as on_progress:
            return compute_curve(inference, cover, moves, get_inference_lock(), on_progress)

    return keep_work(("curve", inference.key, cover, over), compute)


def write_curves(
    over: str, values: range, classes: tuple[str, ...], shares: npt.NDArray[np.float32]
) -> str:
    """Return a line for each step with the probability of every class."""
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow([over, *classes])
    rows.writerows(
        [value, *(f"{share:.6g}" for share in row)]
        for value, row in zip(values, shares, strict=True)
    )
    return file.getvalue()
