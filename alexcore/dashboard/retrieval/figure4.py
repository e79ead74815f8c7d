"""The paper's figure 4: five queries by six neighbours, chosen or drawn by lot, as one PNG."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image

from alexcore.dashboard import urls
from alexcore.dashboard.caching import HASHES, get_model
from alexcore.dashboard.retrieval.galleries import get_embedder
from alexcore.dashboard.retrieval.neighbours import pick_metric
from alexcore.datasets.folder import Item
from alexcore.figures.figure4 import draw_figure4
from alexcore.figures.sprites import encode_png
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array
from alexcore.retrieval.metrics import Metric
from alexcore.retrieval.pictures import list_queries
from alexcore.runs.config import SplitRule
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery

_QUERIES, _NEIGHBOURS = 5, 6


@st.cache_data(max_entries=8, ttl=300, show_spinner="Listing the validation pictures ...")
def _list_items(root: Path, rule: SplitRule) -> dict[str, Item]:
    return {item.path: item for item in list_queries(root, rule).items}


def show_figure4(source: ModelSource, gallery: Gallery) -> None:
    """Draw it for pictures one names, else for five at random; another draw is a click away."""
    items = _list_items(gallery.entries.root, source.split_rule)
    if not items:
        st.info(f"No picture of {gallery.key.dataset} was held out for validation, and a training "
                "picture would find itself.", icon=":material/info:")  # fmt: skip
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        metric = pick_metric()
        draw = st.number_input("Draw", 1, 9999, 1, key=urls.DRAW, bind="query-params", width=130,
                               help="Another number draws other pictures.")  # fmt: skip
        named = st.multiselect("Or these", list(items), key=urls.QUERIES, bind="query-params",
                               max_selections=_QUERIES,
                               placeholder="Validation pictures")  # fmt: skip
    paths = named or sorted(
        random.Random(int(draw)).sample(sorted(items), min(_QUERIES, len(items)))
    )
    png = _draw(source, gallery, tuple(items[path] for path in paths), metric)
    st.image(png, width="stretch", alt=f"{len(paths)} queries and their {_NEIGHBOURS} nearest")
    node = get_model(source).names[gallery.key.node]
    st.caption("Left: validation pictures the net was not trained on. Right: the nearest training "
               f"pictures at {node} by {metric} distance.")  # fmt: skip
    st.download_button("PNG", png, f"figure4-{source.name}.png", "image/png", on_click="ignore",
                       icon=":material/download:")  # fmt: skip


@st.cache_data(max_entries=16, show_spinner="Drawing ...", hash_funcs=HASHES)
def _draw(source: ModelSource, gallery: Gallery, items: tuple[Item, ...], metric: Metric) -> bytes:
    import numpy as np
    import torch

    queries = [load_image(gallery.entries.root / item.path) for item in items]
    vectors = get_embedder(source, gallery.key.node)(
        np.stack([to_array(query, source.preprocessing) for query in queries])
    )
    rows, labels = [], []
    for query, item, vector in zip(queries, items, vectors, strict=True):
        near = gallery.searcher.search(
            torch.from_numpy(vector), _NEIGHBOURS, metric, gallery.copies
        )
        found = [gallery.entries.paths[i] for i in near.indices]
        thumbnails = gallery.load_thumbnails(found)
        rows.append((query, [Image.open(io.BytesIO(thumbnails[path])) for path in found]))
        labels.append([item.label, *(gallery.entries.labels[i] for i in near.indices)])
    return encode_png(draw_figure4(rows, labels))
