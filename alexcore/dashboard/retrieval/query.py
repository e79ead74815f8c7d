"""The query: the sidebar's image, or a gallery picture one wants more like, and the way back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard.caching import get_inference
from alexcore.dashboard.retrieval.galleries import get_thumbnails
from alexcore.dashboard.session import ImageChoice
from alexcore.dashboard.strangers import find_class
from alexcore.retrieval.pixels import embed_pixels, read_crop
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from torch import Tensor

    from alexcore.retrieval.gallery import Gallery

_LIKE, _TRAIL, _ASKED_WITH = "like", "trail", "trail-image"


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked with.

    Attributes:
        name: Of the picture.
        vector: Its embedding (D,).
        pixels: Itself as a small picture, (3072,).
        label: Its class where that is known, else the class ``asked`` predicts.
        known: Whether ``label`` is its true class.
        asked: Name of the model.
        sha256: Of its file.
        shown: The picture.
        crop: What the net receives of it, uint8 (c, c, 3).
    """

    name: str
    vector: Tensor
    pixels: Tensor
    label: str
    known: bool
    asked: str
    sha256: str
    shown: Image.Image
    crop: npt.NDArray[np.uint8]

    @property
    def label_origin(self) -> str:
        """Where ``label`` comes from, for a file."""
        return "known" if self.known else f"predicted by {self.asked}"

    def describe_class(self, net: str = "the net") -> str:
        """Say what ``label`` is: the query's class, or what ``net`` predicts."""
        whose = "the query's class" if self.known else f"the class {net} predicts"
        return f"{whose}, {self.label}"

    def find_copies(self, gallery: Gallery) -> list[int]:
        """Return the gallery's rows with the query's own bytes."""
        return [row for row, sha in enumerate(gallery.rows.digests) if sha == self.sha256]


def get_trail(image: ImageChoice) -> list[str]:
    """Return the gallery pictures asked with one after another; a new image begins anew."""
    if st.session_state.get(_ASKED_WITH) not in (None, image.sha256):
        st.session_state[_TRAIL] = []
        st.query_params.pop(_LIKE, None)
    st.session_state[_ASKED_WITH] = image.sha256
    like = st.query_params.get(_LIKE)
    trail: list[str] = st.session_state.setdefault(_TRAIL, [like] if like else [])
    return trail


def ask_like(path: str) -> None:
    """Make a gallery picture the query."""
    st.session_state.setdefault(_TRAIL, []).append(path)
    st.query_params[_LIKE] = path


def _go_back(steps: int) -> None:
    trail: list[str] = st.session_state[_TRAIL]
    del trail[len(trail) - steps :]
    if trail:
        st.query_params[_LIKE] = trail[-1]
    else:
        st.query_params.pop(_LIKE, None)


def get_query(source: ModelSource, image: ImageChoice, gallery: Gallery, node: str) -> Query:
    """Return the query of this run of the page."""
    trail = get_trail(image)
    if trail and trail[-1] in gallery.rows.paths:
        return _create_like(source, gallery, trail[-1])
    inference = get_inference(source, image)
    picture = inference.picture
    known = dict(zip(gallery.rows.digests, gallery.rows.labels, strict=True)).get(image.sha256)
    known = known or find_class(source, image)
    return Query(
        image.name,
        inference.embed(node),
        _embed_crop(picture.pixels),
        known or inference.predictions[0].label,
        known is not None,
        source.name,
        image.sha256,
        picture.display,
        picture.pixels,
    )


def _embed_crop(crop: npt.NDArray[np.uint8]) -> Tensor:
    import torch

    return torch.from_numpy(embed_pixels(crop[None])[0])


def _create_like(source: ModelSource, gallery: Gallery, path: str) -> Query:
    row = gallery.rows.paths.index(path)
    webp = get_thumbnails(gallery, (path,))[path]
    crop = read_crop(webp, gallery.key.preset)
    return Query(
        path,
        gallery.searcher.matrix[row],
        _embed_crop(crop),
        gallery.rows.labels[row],
        True,
        source.name,
        gallery.rows.digests[row],
        Image.open(io.BytesIO(webp)).convert("RGB"),
        crop,
    )


def show_query(query: Query, image: ImageChoice) -> None:
    """Show the picture, what it counts as, and the way back."""
    st.markdown("**Query**")
    st.image(query.shown, width="stretch", alt=f"The query {query.name}")
    st.caption(
        ", ".join(filter(None, (query.name, query.label))) if query.known
        else f"{query.name}; predicted: {query.label}"
    )  # fmt: skip
    width, height = query.shown.size
    if width != height:
        st.image(query.crop, width=96, caption="the crop that is compared",
                 alt="The middle of the query, as the net receives it")  # fmt: skip
    trail = get_trail(image)
    if trail:
        st.caption(" › ".join([image.name, *(path.rsplit("/", 1)[-1] for path in trail)]))
        with st.container(horizontal=True):
            st.button("Back", on_click=_go_back, args=(1,), icon=":material/undo:")
            if len(trail) > 1:
                st.button(image.name, on_click=_go_back, args=(len(trail),),
                          icon=":material/first_page:")  # fmt: skip
