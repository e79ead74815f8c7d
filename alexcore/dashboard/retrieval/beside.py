"""One query, three answers: two models side by side, and the nearest in pixel space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_model, get_runs
from alexcore.dashboard.components.cards import show_cards
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.retrieval.galleries import build, get_gallery
from alexcore.dashboard.retrieval.neighbours import create_cards, pick_metric
from alexcore.dashboard.retrieval.query import get_query, show_query
from alexcore.dashboard.session import ImageChoice, list_model_sources
from alexcore.errors import GalleryMissingError
from alexcore.retrieval.pictures import Pictures
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.exact import Neighbours
    from alexcore.retrieval.gallery import Gallery, Query, Wish

_K = 6


def show_beside(
    source: ModelSource, image: ImageChoice, gallery: Gallery, pictures: Pictures
) -> None:
    """The same query asked of two models, each in its own gallery, and of the pixels."""
    metric = pick_metric()
    from alexcore.retrieval.gallery import Wish

    query, wish = get_query(source, image, gallery), Wish(_K, metric)
    left, right = st.columns([1, 5])
    with left:
        show_query(query, image)
    with right:
        st.markdown(f"**{source.name}**, {get_model(source).names[gallery.key.node]}, {metric}")
        _show(query, gallery, gallery.search(query, wish), "first")
        sources = list_model_sources(get_runs()[0])
        others = [name for name in sources if name != source.name]
        preferred = next((i for i, name in enumerate(others) if name.startswith("full-")), 0)
        name = st.selectbox("Other model", others, preferred, key=urls.COMPARED_MODEL,
                            bind="query-params", width=260)  # fmt: skip
        _show_other(sources[name], image, query, pictures, wish)
        st.markdown("**Pixels**, 32 × 32, euclidean: what the paper holds the hidden layer against")
        _show(query, gallery, gallery.search_pixels(query, wish), "pixels")


def _show_other(
    other: ModelSource, image: ImageChoice, query: Query, pictures: Pictures, wish: Wish
) -> None:
    node = get_model(other).last_hidden
    try:
        theirs = get_gallery(pictures.create_key(other, node))
    except GalleryMissingError:
        st.info(f"{other.name} has no gallery of {pictures.title} yet.",
                icon=":material/photo_library:")  # fmt: skip
        if ask_to_write(f"Build it with {other.name}", ":material/play_arrow:", primary=False):
            build(other, pictures, node)
            st.rerun()
        return
    asked = get_query(other, image, theirs)
    _show(query, theirs, theirs.search(asked, wish), "second")


def _show(query: Query, gallery: Gallery, near: Neighbours, key: str) -> None:
    show_cards(create_cards(query, gallery, near), f"beside-{key}", width=110)
    if any(gallery.entries.labels[i] for i in near.indices):
        agree = sum(gallery.find_agreeing(query, near))
        st.caption(f"{agree} of {len(near.indices)} have {query.describe_class(query.asked)}.")
