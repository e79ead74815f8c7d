"""Which training pictures the last hidden layer finds most like this one."""

import pandas as pd
import streamlit as st

from alexcore.errors import GalleryMissingError
from alexcore.retrieval.metrics import METRICS, Metric
from ui.cache import get_picture
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
    "The training pictures whose last hidden layer lies nearest to the query's: the paper's "
    "figure 4."
)


def pick_search() -> tuple[Metric, int]:
    """How near is measured and how many are shown, both in the URL."""
    left, right = st.columns([1, 2])
    metric = left.segmented_control(
        "Distance", METRICS, default="euclidean", required=True, key="metric", bind="query-params"
    )
    return metric, right.slider("Neighbours", 5, 50, 10, 5, key="k", bind="query-params")


with errors_shown():
    key = get_gallery_key(choice)
    try:
        gallery = get_gallery(key)
    except GalleryMissingError:
        st.info(
            f"There is no gallery for {choice.name} yet. One click embeds the 800 training "
            "pictures of the demo set; it takes about ten seconds, and half a minute more if the "
            "pictures must be drawn first.",
            icon=":material/photo_library:",
        )
        if st.button("Build the gallery", type="primary", icon=":material/play_arrow:"):
            build_default_gallery(choice, key)
            st.rerun()
    else:
        metric, k = pick_search()
        rows = gallery.rows
        near = gallery.searcher.search(find_query_vector(choice, image), k, metric)
        found = pd.DataFrame(
            {
                "picture": [rows.paths[i] for i in near.indices],
                "label": [rows.labels[i] for i in near.indices],
                "distance": near.distances,
            }
        )
        thumbnails = get_thumbnails(key, tuple(found["picture"]))
        query, rest = st.columns([1, 4])
        query.markdown("**Query**")
        query.image(
            get_picture(image, choice.preset).display,
            caption=image.name,
            width="stretch",
            alt=f"The query {image.name}",
        )
        with rest:
            st.markdown(f"**The {len(found)} nearest of {len(rows.paths):,}**, label and distance")
            grid = st.grid(columns=5, min_column_width=110)
            for row in found.itertuples():
                grid.image(
                    thumbnails[str(row.picture)],
                    caption=f"{row.label} · {row.distance:.3g}",
                    width="stretch",
                    alt=f"Neighbour {row.picture}",
                )
            st.download_button(
                "CSV",
                found.to_csv(index=False),
                f"{image.name}-{choice.name}-neighbours.csv",
                "text/csv",
                on_click="ignore",
                icon=":material/download:",
            )
