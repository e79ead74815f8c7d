"""Which training pictures the last hidden layer finds most like this one."""

import streamlit as st

from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.retrieval.beside import show_beside
from alexcore.dashboard.retrieval.figure4 import show_figure4
from alexcore.dashboard.retrieval.galleries import (
    OpenGallery,
    build,
    get_gallery,
    get_gallery_key,
    get_store,
    list_datasets,
    list_nodes,
)
from alexcore.dashboard.retrieval.map import show_map
from alexcore.dashboard.retrieval.neighbours import show_neighbours
from alexcore.dashboard.retrieval.quality import show_quality
from alexcore.dashboard.session import ModelChoice, get_image_choice, get_model_choice
from alexcore.dashboard.warm_up import skeleton_while_cold
from alexcore.dashboard.widgets.errors import errors_shown, show_error
from alexcore.errors import GalleryError, GalleryMissingError


def open_gallery(
    choice: ModelChoice, dataset: str, source: str, node: str, title: str
) -> OpenGallery | None:
    """Return the gallery, or offer to build it; one that is there can be brought up to date."""
    key = get_gallery_key(choice, dataset, node)
    try:
        return get_gallery(key)
    except GalleryMissingError:
        st.info(
            f"There is no gallery of {dataset} for {choice.name} at {title} yet. One click embeds "
            "its pictures; for the 800 training pictures of the demo set that takes about ten "
            "seconds, and half a minute more if they must be drawn first.",
            icon=":material/photo_library:",
        )
        if ask_to_write("Build the gallery", ":material/play_arrow:"):
            build(choice, key, source)
            st.rerun()
        return None
    except GalleryError as error:
        show_error(error)
        if ask_to_write("Set it aside and build anew", ":material/sync:"):
            get_store(key).set_aside()
            build(choice, key, source)
            st.rerun()
        return None


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    choice, image = get_model_choice(), get_image_choice()
    with errors_shown():
        with skeleton_while_cold():
            datasets, nodes = list_datasets(choice), list_nodes(choice)
        row = st.container(horizontal=True, vertical_alignment="bottom")
        view = row.segmented_control(
            "View", ["Neighbours", "Side by side", "Figure 4", "Map", "Quality"],
            default="Neighbours", required=True, key="rview", bind="query-params", wrap=True,
        )  # fmt: skip
        title = row.selectbox(
            "Compared at", list(nodes), key="node", bind="query-params", width=140,
            help="The last hidden layer by default; maps are averaged over space.",
        )  # fmt: skip
        dataset = row.selectbox("Gallery", list(datasets), key="gallery", bind="query-params",
                                width=180,
                                help="Folders of pictures below ALEXCORE_PICTURES appear here.",
        )  # fmt: skip
        node = nodes[title]
        gallery = open_gallery(choice, dataset, datasets[dataset], node, title)
        if gallery is None:
            st.stop()
        with row:
            update = ask_to_write(
                "Update", ":material/sync:", "Embed new and changed pictures.", primary=False
            )
        if update:
            report = build(choice, gallery.key, datasets[dataset])
            st.toast(f"{report.embedded} embedded, {report.dropped} dropped.")
            for path, why in report.unreadable:
                st.warning(f"Left out {path}: {why}", icon=":material/warning:")
            gallery = get_gallery(gallery.key)
        if view == "Side by side":
            show_beside(choice, image, gallery, node)
        elif view == "Figure 4":
            show_figure4(choice, gallery, node)
        elif view == "Map":
            show_map(choice, image, gallery, node)
        elif view == "Quality":
            show_quality(choice, gallery)
        else:
            show_neighbours(choice, image, gallery, node)
