"""Which training pictures the last hidden layer finds most like this one."""

import streamlit as st

from alexcore.errors import GalleryError
from ui.errors import errors_shown
from ui.galleries import (
    build_default_gallery,
    find_query_vector,
    get_gallery,
    get_gallery_key,
    get_thumbnails,
)
from ui.state import get_image_choice, get_model_choice

choice, image = get_model_choice(), get_image_choice()
st.title("Retrieval")
st.markdown(
    "The training pictures whose last hidden layer lies nearest to the query's, by Euclidean "
    "distance: the paper's figure 4."
)


with errors_shown():
    key = get_gallery_key(choice)
    try:
        gallery = get_gallery(key)
    except GalleryError as error:
        st.info(
            f"There is no gallery for {choice.name} yet. One click embeds the 800 training "
            "pictures of the demo set; it takes about ten seconds, and half a minute more if the "
            "pictures must be drawn first.",
            icon=":material/photo_library:",
        )
        st.caption(str(error))
        if st.button("Build the gallery", type="primary", icon=":material/play_arrow:"):
            build_default_gallery(choice, key)
            st.rerun()
    else:
        rows = gallery.rows
        neighbours = gallery.searcher.search(find_query_vector(choice, image), 10)
        paths = [rows.paths[i] for i in neighbours.indices]
        captions = [
            f"{rows.labels[i]} · {distance:.2f}"
            for i, distance in zip(neighbours.indices, neighbours.distances, strict=True)
        ]
        thumbnails = get_thumbnails(key, tuple(paths))
        query, rest = st.columns([1, 4])
        query.markdown("**Query**")
        query.image(image.data, caption=image.name, width="stretch", alt=f"The query {image.name}")
        with rest:
            st.markdown(f"**The ten nearest of {len(rows.paths):,}**, label and distance")
            grid = st.grid(columns=5, min_column_width=110)
            for path, caption in zip(paths, captions, strict=True):
                grid.image(
                    thumbnails[path], caption=caption, width="stretch", alt=f"Neighbour {path}"
                )
