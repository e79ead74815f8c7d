"""Which training pictures the last hidden layer finds most like this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_model
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.retrieval.beside import show_beside
from alexcore.dashboard.retrieval.figure4 import show_figure4
from alexcore.dashboard.retrieval.galleries import (
    build,
    get_gallery,
    get_store,
    list_nodes,
)
from alexcore.dashboard.retrieval.map import show_map
from alexcore.dashboard.retrieval.neighbours import show_neighbours
from alexcore.dashboard.retrieval.quality import show_quality
from alexcore.dashboard.retrieval.query import get_trail
from alexcore.dashboard.session import get_image, get_source
from alexcore.dashboard.strangers import show_stranger_note
from alexcore.dashboard.warm_up import skeleton_while_cold
from alexcore.dashboard.widgets.errors import errors_shown, show_error
from alexcore.errors import GalleryError, GalleryMissingError
from alexcore.retrieval.pictures import Pictures, list_pictures
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.gallery import Gallery

_ASKING = ("Neighbours", "Side by side", "Map")
"""Views that ask with the sidebar's image."""


def open_gallery(source: ModelSource, pictures: Pictures, node: str) -> Gallery | None:
    """Return the gallery, or offer to build it; one that is there can be brought up to date."""
    key = pictures.create_key(source, node)
    try:
        return get_gallery(key)
    except GalleryMissingError:
        st.info(
            f"There is no gallery of {pictures.title} for {source.name} at "
            f"{get_model(source).names[node]} yet. One click embeds "
            "its pictures; for the 800 training pictures of the demo set that takes about ten "
            "seconds, and half a minute more if they must be drawn first.",
            icon=":material/photo_library:",
        )
        if ask_to_write("Build the gallery", ":material/play_arrow:"):
            build(source, pictures, node)
            st.rerun()
        return None
    except GalleryError as error:
        show_error(error)
        if ask_to_write("Archive and rebuild", ":material/sync:"):
            get_store(key).set_aside()
            build(source, pictures, node)
            st.rerun()
        return None


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    source, image = get_source(), get_image()
    with errors_shown():
        with skeleton_while_cold():
            choices, nodes = list_pictures(source), list_nodes(source)
        row = st.container(horizontal=True, vertical_alignment="bottom")
        view = row.segmented_control(
            "View", ["Neighbours", "Side by side", "Figure 4", "Map", "Quality"],
            default="Neighbours", required=True, key=urls.RETRIEVAL_VIEW, bind="query-params",
            wrap=True,
        )  # fmt: skip
        title = row.selectbox(
            "Compared at", list(nodes), key=urls.NODE, bind="query-params", width=140,
            help="The last hidden layer by default; maps are averaged over space.",
        )  # fmt: skip
        pictures = choices[
            row.selectbox(
                "Gallery", list(choices), key=urls.GALLERY, bind="query-params", width=180,
                help="Folders of pictures below ALEXCORE_PICTURES appear here.",
            )
        ]  # fmt: skip
        node = nodes[title]
        if view in _ASKING and not get_trail(image):
            show_stranger_note(source, image)
        gallery = open_gallery(source, pictures, node)
        if gallery is None:
            st.stop()
        with row:
            update = ask_to_write(
                "Update", ":material/sync:", "Embed new and changed pictures.", primary=False
            )
        if update:
            report = build(source, pictures, node)
            st.toast(f"{report.embedded} embedded, {report.dropped} dropped.")
            for path, why in report.unreadable:
                st.warning(f"Left out {path}: {why}", icon=":material/warning:")
            gallery = get_gallery(gallery.key)
        if view == "Side by side":
            show_beside(source, image, gallery, pictures)
        elif view == "Figure 4":
            show_figure4(source, gallery)
        elif view == "Map":
            show_map(source, image, gallery)
        elif view == "Quality":
            show_quality(source, gallery)
        else:
            show_neighbours(source, image, gallery)
