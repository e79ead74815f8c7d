"""Query and one neighbour side by side: large, why they are alike, and where to go from there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard import urls
from alexcore.dashboard.app import PAGES
from alexcore.dashboard.caching import HASHES, get_inference_lock, get_model
from alexcore.dashboard.retrieval.query import ask_like, read_picture
from alexcore.dashboard.session import add_upload
from alexcore.errors import ImageError
from alexcore.figures.sprites import create_overlay
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array, to_input
from alexcore.retrieval.metrics import Metric
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery, Query


def load_neighbour(gallery: Gallery, row: int) -> Image.Image:
    """Return a gallery picture at full size, or its thumbnail where the file is gone."""
    path = gallery.entries.paths[row]
    try:
        return load_image(gallery.entries.root / path)
    except ImageError:
        return Image.open(io.BytesIO(gallery.load_thumbnails([path])[path])).convert("RGB")


def _take(gallery: Gallery, path: str) -> None:
    add_upload(read_picture(gallery, path))


def show_pair(
    source: ModelSource, query: Query, gallery: Gallery, row: int, metric: Metric
) -> None:
    """Show both, with heatmaps on request, and the ways on."""
    path = gallery.entries.paths[row]
    neighbour = load_neighbour(gallery, row)
    st.subheader(path)
    with st.container(horizontal=True):
        st.button("More like this", on_click=ask_like, args=(path,),
                  icon=":material/image_search:", type="primary")  # fmt: skip
        # In a fragment: only what its body asks for leaves the page, not a callback's ``visit``.
        if st.button("Open on Feature maps", on_click=_take, args=(gallery, path),
                     icon=":material/grid_view:"):  # fmt: skip
            st.switch_page(PAGES["feature_maps"].path, query_params={})
        why = st.toggle("Why alike?", key=urls.WHY_ALIKE, bind="query-params",
                        help="Gradient of their similarity, as Grad-CAM: red makes them alike.",
        )  # fmt: skip
    pictures = [query.shown, neighbour]
    captions = [f"{query.name}", f"{path}, {neighbour.width} × {neighbour.height} pixels"]
    if why:
        crops = [query.crop, to_array(neighbour, source.preprocessing)]
        pictures = _explain(source, crops, gallery.key.node, metric)
        captions = [f"{caption.split(',')[0]}: red makes them alike" for caption in captions]
    for place, picture, caption in zip(st.columns(2), pictures, captions, strict=True):
        place.image(picture, caption=caption, width="stretch", alt=caption)


def _explain(
    source: ModelSource, crops: list[npt.NDArray[np.uint8]], node: str, metric: Metric
) -> list[Image.Image]:
    """Lay over what was compared where it makes the two alike."""
    heats = _compute_heats(source, node, metric, crops)
    return [
        create_overlay(crop, heat, signed=True) for heat, crop in zip(heats, crops, strict=True)
    ]


@st.cache_data(
    max_entries=32, show_spinner="Looking for what they share ...", hash_funcs=HASHES,
    scope="session",
)  # fmt: skip
def _compute_heats(
    source: ModelSource, node: str, metric: Metric, crops: list[npt.NDArray[np.uint8]]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from alexcore.features.similarity import explain_similarity

    model = get_model(source)
    with get_inference_lock():
        x, other = (to_input(crop, source.preprocessing, model.device) for crop in crops)
        return explain_similarity(model.module, x, other, node, metric == "cosine")
