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
from alexcore.dashboard.retrieval.query import ask_with, get_query, read_picture, show_query
from alexcore.dashboard.session import ImageChoice, list_model_sources
from alexcore.errors import GalleryMissingError
from alexcore.retrieval.pictures import Pictures
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.exact import Neighbours
    from alexcore.retrieval.gallery import Gallery, Query

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
        if theirs := _get_theirs(sources[name], pictures):
            asked = _ask_theirs(sources[name], image, query, gallery, theirs)
            _show(query, theirs, theirs.search(asked, wish), "second")
        st.markdown("**Pixels**, 32 × 32, euclidean: what the paper holds the hidden layer against")
        _show(query, gallery, gallery.search_pixels(query, wish), "pixels")


def _get_theirs(other: ModelSource, pictures: Pictures) -> Gallery | None:
    """Return the other model's gallery of the pictures, or offer to build it."""
    node = get_model(other).last_hidden
    try:
        return get_gallery(pictures.create_key(other, node))
    except GalleryMissingError:
        st.info(f"{other.name} has no gallery of {pictures.title} yet.",
                icon=":material/photo_library:")  # fmt: skip
        if ask_to_write(f"Build it with {other.name}", ":material/play_arrow:", primary=False):
            build(other, pictures, node)
            st.rerun()
        return None


def _ask_theirs(
    other: ModelSource, image: ImageChoice, query: Query, ours: Gallery, theirs: Gallery
) -> Query:
    """Return the same query as the other model sees it.

    What was split otherwise may lack a picture of our gallery; then its file is looked at.
    """
    if query.name not in ours.entries.paths:
        return ask_with(other, image, theirs)
    if query.name in theirs.entries.paths:
        return theirs.create_query(query.name)
    return ask_with(other, read_picture(ours, query.name), theirs, query.label or None)


def _show(query: Query, gallery: Gallery, near: Neighbours, key: str) -> None:
    show_cards(create_cards(query, gallery, near), f"beside-{key}", width=110)
    if any(gallery.entries.labels[i] for i in near.indices):
        agree = sum(gallery.find_agreeing(query, near))
        st.caption(f"{agree} of {len(near.indices)} have {query.describe_class(query.asked)}.")
