"""One query, three answers: two models side by side, and the nearest in pixel space."""

from __future__ import annotations

import streamlit as st

from alexcore.dashboard.caching import get_model, get_runs
from alexcore.dashboard.components.cards import Card, show_cards
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.retrieval.galleries import (
    OpenGallery,
    build,
    get_gallery,
    get_gallery_key,
    get_pixel_searcher,
    list_datasets,
    list_nodes,
)
from alexcore.dashboard.retrieval.neighbours import create_cards, pick_metric
from alexcore.dashboard.retrieval.query import Query, get_query, show_query
from alexcore.dashboard.session import ImageChoice, ModelChoice, list_model_choices
from alexcore.errors import GalleryMissingError
from alexcore.retrieval.metrics import Metric

_K = 6


def show_beside(choice: ModelChoice, image: ImageChoice, gallery: OpenGallery, node: str) -> None:
    """The same query asked of two models, each in its own gallery, and of the pixels."""
    metric = pick_metric()
    query = get_query(choice, image, gallery, node)
    left, right = st.columns([1, 5])
    with left:
        show_query(query, image)
    with right:
        exclude = sorted({*query.find_copies(gallery), *gallery.copies})
        st.markdown(f"**{choice.name}**, {get_model(choice).labels[node]}, {metric}")
        near = gallery.searcher.search(query.vector, _K, metric, exclude)
        _show(create_cards(query, gallery, near), query, "first")
        choices = list_model_choices(get_runs()[0])
        others = [name for name in choices if name != choice.name]
        preferred = next((i for i, name in enumerate(others) if name.startswith("full-")), 0)
        name = st.selectbox("Other model", others, preferred, key="rmodel", bind="query-params",
                            width=260)  # fmt: skip
        _show_other(choices[name], image, query, gallery, metric)
        st.markdown("**Pixels**, 32 × 32, euclidean: what the paper holds the hidden layer against")
        searcher = get_pixel_searcher(gallery)
        _show(create_cards(query, gallery, searcher.search(query.pixels, _K, exclude=exclude)),
              query, "pixels")  # fmt: skip


def _show_other(
    other: ModelChoice, image: ImageChoice, query: Query, gallery: OpenGallery, metric: Metric
) -> None:
    dataset = gallery.key.dataset
    node = next(iter(list_nodes(other).values()))
    key = get_gallery_key(other, dataset, node)
    try:
        theirs = get_gallery(key)
    except GalleryMissingError:
        st.info(f"{other.name} has no gallery of {dataset} yet.", icon=":material/photo_library:")
        if ask_to_write(f"Build it with {other.name}", ":material/play_arrow:", primary=False):
            build(other, key, list_datasets(other)[dataset])
            st.rerun()
        return
    asked = get_query(other, image, theirs, node)
    exclude = sorted({*asked.find_copies(theirs), *theirs.copies})
    near = theirs.searcher.search(asked.vector, _K, metric, exclude)
    _show(create_cards(query, theirs, near), query, "second")


def _show(cards: list[Card], query: Query, key: str) -> None:
    agree = sum(card.tone == "good" for card in cards)
    show_cards(cards, f"beside-{key}", width=110)
    st.caption(f"{agree} of {len(cards)} have the query's label, {query.label}.")
