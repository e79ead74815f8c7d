"""The map: the gallery on a plane with the query dropped in, and what one draws a line around."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from PIL import Image

from alexcore.dashboard import urls
from alexcore.dashboard.caching import HASHES
from alexcore.dashboard.components.cards import show_cards
from alexcore.dashboard.components.scatter import Cloud, Shown, show_scatter
from alexcore.dashboard.retrieval.query import ask_like, get_query, show_query
from alexcore.dashboard.session import ImageChoice
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.extras import describe_install
from alexcore.figures.cards import Card
from alexcore.figures.palette import CLASS_COLOURS
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery, Query
    from alexcore.retrieval.projection import Plane, Projection

_TILE = 40
_MOST = 10_000
_SHOWN = 60
_LASSO = "lasso"
_ASKED = "asked-from-map"


@dataclass(frozen=True, slots=True)
class _Map:
    plane: Plane
    cloud: Cloud
    rows: tuple[int, ...]


def show_map(source: ModelSource, image: ImageChoice, gallery: Gallery) -> None:
    """PCA by default, UMAP where it is installed."""
    from alexcore.retrieval.projection import list_projections

    kinds = list_projections()
    row = st.container(horizontal=True, vertical_alignment="bottom")
    kind = row.segmented_control("Projection", kinds, default="PCA", required=True,
                                 key=urls.PROJECTION, bind="query-params")  # fmt: skip
    if "UMAP" not in kinds:
        row.caption(f"UMAP is offered once it is installed: `{describe_install('umap')}`.")
    query = get_query(source, image, gallery)
    drawn = _create_map(kind, gallery)
    left, right = st.columns([1, 4])
    with left:
        show_query(query, image)
    with right:
        _show(drawn, query, gallery, kind)


@st.fragment
@errors_shown()
def _show(drawn: _Map, query: Query, gallery: Gallery, kind: str) -> None:
    if st.session_state.pop(_ASKED, False):
        st.rerun(scope="app")  # the query stands outside this fragment
    circled = (gallery.key.name, gallery.version, kind)
    of, chosen = st.session_state.get(_LASSO, (circled, []))
    chosen = chosen if of == circled else []
    held = f" Explained variance: {drawn.plane.explained:.0%}."
    st.caption(
        "Each point is a picture, the cross is the query. Drag around points to see them below; "
        "the wheel zooms, Shift and dragging moves, Escape forgets the line."
        + (held if kind == "PCA" else "")
    )

    def gather(places: list[int]) -> None:
        st.session_state[_LASSO] = circled, places

    shown = Shown(
        drawn.plane.place(query.vector.cpu().numpy()),
        chosen,
        f"Map of {len(drawn.rows)} pictures by {kind}, and the query {query.name}",
    )
    show_scatter(drawn.cloud, shown, gather, "map")
    if chosen:
        _show_chosen([drawn.rows[place] for place in chosen], gallery)


def _show_chosen(rows: list[int], gallery: Gallery) -> None:
    labels = [gallery.entries.labels[row] for row in rows]
    counts = ", ".join(f"{labels.count(label)} {label}" for label in sorted(set(labels)))
    st.markdown(f"**{len(rows)} pictures**: {counts}")
    rows = rows[:_SHOWN]
    paths = [gallery.entries.paths[row] for row in rows]
    files = gallery.load_thumbnails(paths)
    cards = [
        Card(files[path], gallery.entries.labels[row], path.rsplit("/", 1)[-1], f"Picture {path}")
        for row, path in zip(rows, paths, strict=True)
    ]

    def ask(place: int) -> None:
        ask_like(paths[place])
        st.session_state[_ASKED] = True

    show_cards(cards, "lasso-cards", ask, width=92)
    st.caption("Choose one to ask for more like it.")


@st.cache_resource(max_entries=4, show_spinner="Drawing the map ...", hash_funcs=HASHES)
def _create_map(kind: Projection, gallery: Gallery) -> _Map:
    from alexcore.retrieval.projection import Plane

    rows = np.arange(len(gallery.entries.paths))
    if len(rows) > _MOST:
        rows = np.sort(np.random.default_rng(0).choice(rows, _MOST, replace=False))
    plane = Plane(gallery.entries.embeddings[rows], kind)
    names = [gallery.entries.paths[row] for row in rows]
    labels = [gallery.entries.labels[row] for row in rows]
    classes = sorted(set(labels))
    columns = max(1, math.ceil(math.sqrt(len(rows))))
    cloud = Cloud(
        plane.points,
        np.array([classes.index(label) for label in labels], np.uint16),
        [label or "no class" for label in classes],
        [CLASS_COLOURS[at % len(CLASS_COLOURS)] for at in range(len(classes))],
        names,
        _draw_atlas(gallery, names, columns),
        columns,
    )
    return _Map(plane, cloud, tuple(int(row) for row in rows))


def _draw_atlas(gallery: Gallery, names: list[str], columns: int) -> bytes:
    """Return a JPEG of all pictures as small squares."""
    sheet = Image.new("RGB", (columns * _TILE, -(-len(names) // columns) * _TILE), "#888888")
    for start in range(0, len(names), 500):
        files = gallery.load_thumbnails(names[start : start + 500])
        for place, path in enumerate(names[start : start + 500], start=start):
            tile = Image.open(io.BytesIO(files[path])).convert("RGB").resize((_TILE, _TILE))
            sheet.paste(tile, (place % columns * _TILE, place // columns * _TILE))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=75)
    return file.getvalue()
