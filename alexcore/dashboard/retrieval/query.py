"""The query: the sidebar's image, or a gallery picture one wants more like, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference
from alexcore.dashboard.session import ImageChoice, create_upload
from alexcore.dashboard.strangers import find_class
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery, Query

_TRAIL, _ASKED_WITH = "trail", "trail-image"


def get_trail(image: ImageChoice) -> list[str]:
    """Return the gallery pictures asked with one after another; a new image begins anew."""
    if st.session_state.get(_ASKED_WITH) not in (None, image.sha256):
        st.session_state[_TRAIL] = []
        st.query_params.pop(urls.LIKE, None)
    st.session_state[_ASKED_WITH] = image.sha256
    like = st.query_params.get(urls.LIKE)
    trail: list[str] = st.session_state.setdefault(_TRAIL, [like] if like else [])
    return trail


def ask_like(path: str) -> None:
    """Make a gallery picture the query."""
    st.session_state.setdefault(_TRAIL, []).append(path)
    st.query_params[urls.LIKE] = path


def _go_back(steps: int) -> None:
    trail: list[str] = st.session_state[_TRAIL]
    del trail[len(trail) - steps :]
    if trail:
        st.query_params[urls.LIKE] = trail[-1]
    else:
        st.query_params.pop(urls.LIKE, None)


def get_query(source: ModelSource, image: ImageChoice, gallery: Gallery) -> Query:
    """Return the query of this run of the page."""
    trail = get_trail(image)
    if trail and trail[-1] in gallery.entries.paths:
        return gallery.create_query(trail[-1])
    return ask_with(source, image, gallery)


def ask_with(
    source: ModelSource, image: ImageChoice, gallery: Gallery, known: str | None = None
) -> Query:
    """Return a picture as a query, of the class that is ``known`` or can be found."""
    from alexcore.retrieval.gallery import create_query

    known = known or gallery.find_class(image.sha256) or find_class(source, image)
    return create_query(get_inference(source, image), gallery.key.node, image.sha256, known)


def read_picture(gallery: Gallery, path: str) -> ImageChoice:
    """Return a gallery picture as its own file, by which it is known elsewhere too.

    Where the file is gone, as its thumbnail.
    """
    try:
        data = (gallery.entries.root / path).read_bytes()
    except OSError:
        data = gallery.load_thumbnails([path])[path]
    return create_upload(path.rsplit("/", 1)[-1], data)


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
