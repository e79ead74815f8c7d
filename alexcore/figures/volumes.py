"""The network as the volumes of the paper's figure 2, drawn to scale from traced shapes, as SVG.

Height and depth of a box are the map's sides, its thickness the number of channels; one scale
each for all boxes. Fully connected layers are bars whose height follows the root of their width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alexcore.inspection.trace import Trace

_CELL, _CHANNEL, _UNIT = 2.7, 0.19, 2.2
_DEPTH = (0.42, 0.3)
_GAP, _MARGIN, _TEXT = 26.0, 14.0, 46.0
_FILLS = {"input": "#9aa4b2", "conv": "#4a86c5", "pool": "#6fb39a", "fc": "#d58a4a"}


@dataclass(frozen=True, slots=True)
class Volume:
    """One layer to draw.

    Attributes:
        label: Its name.
        shape: (C, H, W), or (D,) for a fully connected layer.
        kind: ``input``, ``conv``, ``pool`` or ``fc``; decides the colour.
        scale: By how much it is drawn smaller than the others.
    """

    label: str
    shape: tuple[int, ...]
    kind: str
    scale: float = 1.0

    @property
    def box(self) -> tuple[float, float, float]:
        """Thickness, height and depth in user units."""
        if len(self.shape) == 1:
            return 12.0, max(24.0, _UNIT * math.sqrt(self.shape[0])), 0.0
        channels, height, width = self.shape
        thickness = max(4.0, channels * _CHANNEL)
        return thickness, height * _CELL / self.scale, width * _CELL / self.scale

    @property
    def caption(self) -> str:
        """The shape as the paper writes it."""
        if len(self.shape) == 1:
            return f"{self.shape[0]:,}"
        channels, height, width = self.shape
        return f"{height}×{width}×{channels}"


def list_volumes(trace: Trace) -> list[Volume]:
    """Return the input, convolutions, pools and linear layers of a traced AlexNet."""
    channels, height, width = trace.input_shape[1:]
    shrink = max(1.0, math.ceil(height / 56))
    volumes = [Volume("input", (channels, height, width), "input", shrink)]
    for layer in trace.layers:
        kind = layer.label.rstrip("0123456789")
        if kind in ("conv", "pool", "fc"):
            volumes.append(Volume(layer.label, layer.out_shape[1:], kind))
    return volumes


def draw_volumes(volumes: Sequence[Volume], selected: str | None = None) -> str:
    """Return an SVG in which every layer is a ``<g data-layer=...>``.

    Args:
        volumes: In order, from the input to the logits.
        selected: Label of the layer to emphasise.
    """
    tallest = max(v.box[1] + v.box[2] * _DEPTH[1] for v in volumes)
    base = _MARGIN + tallest
    x, parts = _MARGIN, []
    for volume in volumes:
        thickness, height, depth = volume.box
        reach = thickness + depth * _DEPTH[0]
        wide = max(reach, 7.0 * len(volume.caption))
        left = x + (wide - reach) / 2
        middle = base - (tallest - height - depth * _DEPTH[1]) / 2
        note = f", drawn 1:{volume.scale:g}" if volume.scale != 1 else ""
        marked = volume.label == selected
        parts.append(
            f'<g data-layer="{escape(volume.label)}">'
            f"<title>{escape(volume.label)}: {volume.caption}{note}</title>"
            f'<rect x="{x - _GAP / 2:.1f}" y="0" width="{wide + _GAP:.1f}" '
            f'height="{base + _TEXT:.1f}" fill="transparent"/>'  # takes the clicks
            f"{_draw_faces(volume, left, middle, marked)}"
            f"{_draw_caption(volume, x + wide / 2, base, marked)}</g>"
        )
        x += wide + _GAP
    width, height = x - _GAP + _MARGIN, base + _TEXT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="sans-serif" role="img">'
        f"{''.join(parts)}</svg>"
    )


def _draw_faces(volume: Volume, left: float, bottom: float, marked: bool) -> str:
    thickness, height, depth = volume.box
    dx, dy = depth * _DEPTH[0], depth * _DEPTH[1]
    fill = _FILLS[volume.kind]
    top, right = bottom - height, left + thickness
    front = f"M{left:.1f} {bottom:.1f}V{top:.1f}H{right:.1f}V{bottom:.1f}z"
    lid = f"M{left:.1f} {top:.1f}l{dx:.1f} {-dy:.1f}h{thickness:.1f}l{-dx:.1f} {dy:.1f}z"
    side = f"M{right:.1f} {bottom:.1f}l{dx:.1f} {-dy:.1f}v{-height:.1f}l{-dx:.1f} {dy:.1f}z"
    stroke = (
        'stroke="#d1495b" stroke-width="2.5"' if marked else f'stroke="{fill}" stroke-width="1"'
    )
    return "".join(
        f'<path d="{d}" fill="{fill}" fill-opacity="{opacity}" {stroke} stroke-linejoin="round"/>'
        for d, opacity in ((lid, 0.35), (side, 0.55), (front, 0.85))
        if depth or d == front
    )


def _draw_caption(volume: Volume, centre: float, base: float, marked: bool) -> str:
    weight = "700" if marked else "600"
    return (
        f'<text x="{centre:.1f}" y="{base + 20:.1f}" text-anchor="middle" font-size="13" '
        f'font-weight="{weight}" fill="#7b8494">{escape(volume.label)}</text>'
        f'<text x="{centre:.1f}" y="{base + 36:.1f}" text-anchor="middle" font-size="11" '
        f'fill="#7b8494">{volume.caption}</text>'
    )
