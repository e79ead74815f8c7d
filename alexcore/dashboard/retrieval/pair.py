"""Query and one neighbour side by side: large, why they are alike, and where to go from there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.dashboard.app import PAGES
from alexcore.dashboard.caching import get_inference_lock, get_model
from alexcore.dashboard.retrieval.galleries import get_thumbnails
from alexcore.dashboard.retrieval.query import Query, ask_like
from alexcore.dashboard.session import add_upload, create_upload
from alexcore.errors import ImageError
from alexcore.figures.sprites import create_overlay
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array, to_input
from alexcore.retrieval.metrics import Metric
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery


def load_neighbour(gallery: Gallery, row: int) -> Image.Image:
    """Return a gallery picture at full size, or its thumbnail where the file is gone."""
    path = gallery.rows.paths[row]
    try:
        return load_image(gallery.rows.root / path)
    except ImageError:
        return Image.open(io.BytesIO(get_thumbnails(gallery, (path,))[path])).convert("RGB")


def show_pair(
    source: ModelSource, query: Query, gallery: Gallery, row: int, node: str, metric: Metric
) -> None:
    """Show both, with heatmaps on request, and the ways on."""
    path = gallery.rows.paths[row]
    neighbour = load_neighbour(gallery, row)
    st.subheader(path)
    with st.container(horizontal=True):
        st.button("More like this", on_click=ask_like, args=(path,),
                  icon=":material/image_search:", type="primary")  # fmt: skip
        if st.button("Open on Feature maps", icon=":material/grid_view:",
                     on_click=_take, args=(path, neighbour)):  # fmt: skip
            st.switch_page(PAGES["feature_maps"].path, query_params={})
        why = st.toggle("Why alike?", key="whyalike", bind="query-params",
                        help="Gradient of their similarity, as Grad-CAM: red makes them alike.",
        )  # fmt: skip
    pictures = [query.shown, neighbour]
    captions = [f"{query.name}", f"{path}, {neighbour.width} × {neighbour.height} pixels"]
    if why:
        pictures = _explain(source, pictures, (query.sha256, gallery.rows.digests[row]), node,
                            metric)  # fmt: skip
        captions = [f"{caption.split(',')[0]}: red makes them alike" for caption in captions]
    for place, picture, caption in zip(st.columns(2), pictures, captions, strict=True):
        place.image(picture, caption=caption, width="stretch", alt=caption)


def _take(path: str, picture: Image.Image) -> None:
    file = io.BytesIO()
    picture.save(file, "PNG")
    add_upload(create_upload(path.rsplit("/", 1)[-1], file.getvalue()))


def _explain(
    source: ModelSource,
    pictures: list[Image.Image],
    digests: tuple[str, str],
    node: str,
    metric: Metric,
) -> list[Image.Image]:
    crops = [to_array(picture, source.preset) for picture in pictures]
    heats = _compute(source.name, source.digest, digests, node, metric, source, crops)
    return [
        create_overlay(crop, heat, signed=True) for heat, crop in zip(heats, crops, strict=True)
    ]


@st.cache_data(max_entries=32, show_spinner="Looking for what they share ...")
def _compute(
    name: str,
    digest: str,
    digests: tuple[str, str],
    node: str,
    metric: Metric,
    _source: ModelSource,
    _crops: list[npt.NDArray[np.uint8]],
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from alexcore.features.similarity import explain_similarity

    loaded, preset = get_model(_source), _source.preset
    with get_inference_lock():
        x, other = (to_input(crop, preset, loaded.device) for crop in _crops)
        return explain_similarity(loaded.module, x, other, node, metric == "cosine")
