"""What of each top image drives a channel: brought back to the pixels, on a middle grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference_lock, keep_work
from alexcore.features.methods import PROJECTIONS, Projection
from alexcore.figures.sprites import create_projection, encode_png

if TYPE_CHECKING:
    from alexcore.inference.model import LoadedModel

_NOTHING = "nothing"
_AT_ONCE = 3
"""Pictures between two words to the bar."""


@dataclass(frozen=True, slots=True)
class Strongest:
    """The top images of a channel.

    Attributes:
        node: Of the layer.
        channel: Of it.
        crops: As the net receives them.
        cells: (N, 2), row and column of the strongest cell of each.
        boxes: What that cell sees: left, top, right, bottom.
    """

    node: str
    channel: int
    crops: Sequence[Image.Image]
    cells: npt.NDArray[np.int16]
    boxes: Sequence[tuple[int, int, int, int]]


def pick_projection() -> Projection | None:
    """Let people choose what stands below each picture, in the URL."""
    options: list[str] = [*PROJECTIONS, _NOTHING]
    chosen = st.segmented_control(
        "Below each, what of it drives the channel", options,
        default="deconvolution", required=True, key=urls.PROJECTED, bind="query-params", wrap=True,
        help=". ".join(f"{name.capitalize()}: {words}" for name, words in PROJECTIONS.items()),
    )  # fmt: skip
    return next((method for method in PROJECTIONS if method == chosen), None)


def draw_sheet(rows: Sequence[Sequence[Image.Image]]) -> bytes:
    """Return rows of pictures of one size as one PNG file."""
    width, height = rows[0][0].size
    sheet = Image.new("RGB", (width * len(rows[0]), height * len(rows)))
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            sheet.paste(picture, (x * width, y * height))
    return encode_png(sheet)


def project(model: LoadedModel, top: Strongest, method: Projection) -> list[Image.Image]:
    """Return what of each picture drives its cell, cut to what the cell sees; kept by the session.

    A bar shows how far it is.
    """
    source = model.source

    def compute() -> list[Image.Image]:
        bar, drawn = st.empty(), []
        for start in range(0, len(top.crops), _AT_ONCE):
            bar.progress(start / len(top.crops), f"{method.capitalize()} ...")
            part = slice(start, start + _AT_ONCE)
            drawn += _project(model, top, part, method)
        bar.empty()
        return drawn

    key = ("projection", source.name, source.digest, top.node, top.channel, method)
    return keep_work(key, compute)


def _project(
    model: LoadedModel, top: Strongest, part: slice, method: Projection
) -> list[Image.Image]:
    import torch

    from alexcore.devices import device_errors_named
    from alexcore.features.deconvolution import Projector
    from alexcore.images.preprocessing import normalise

    pixels = torch.from_numpy(np.stack([np.asarray(crop) for crop in top.crops[part]]))
    cells = torch.from_numpy(top.cells[part].astype(np.int64))
    with get_inference_lock(), device_errors_named():
        x = normalise(pixels.to(model.device), model.source.preprocessing)
        found = Projector(model.extractor, top.node, method)(x, top.channel, cells)
    values = found.float().cpu().numpy()
    return [
        create_projection(value[:, upper:lower, left:right]).resize((160, 160))
        for value, (left, upper, right, lower) in zip(values, top.boxes[part], strict=True)
    ]
