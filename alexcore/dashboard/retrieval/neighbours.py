"""The nearest pictures as cards, how their distances grow, and one of them looked at closely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.components.cards import show_cards
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.retrieval.pair import show_pair
from alexcore.dashboard.retrieval.query import get_query, show_query
from alexcore.dashboard.session import ImageChoice
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.figures.bars import plot_distances
from alexcore.figures.cards import Card, Tone
from alexcore.retrieval.metrics import METRICS, Metric
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.retrieval.exact import Neighbours
    from alexcore.retrieval.gallery import Gallery, Query, Wish


def pick_metric() -> Metric:
    """Choose how near is measured; in the URL, shared by the views."""
    return st.segmented_control(
        "Distance",
        METRICS,
        default="euclidean",
        required=True,
        key=urls.METRIC,
        bind="query-params",
    )


def _pick_wish(gallery: Gallery) -> Wish:
    from alexcore.retrieval.gallery import Wish
    from alexcore.retrieval.index import METHODS, choose_method

    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        metric = pick_metric()
        most = max(min(1000, len(gallery.entries.paths) - 1), 6)
        steps = [k for k in (5, 10, 15, 20, 30, 50, 100, 200, 500, 1000) if k <= most]
        k = st.select_slider("Neighbours", steps, 10 if 10 in steps else steps[-1], key=urls.K,
                             bind="query-params", width=220)  # fmt: skip
        method = st.selectbox(
            "Search", METHODS, METHODS.index(choose_method(gallery.searcher)), key=urls.SEARCH,
            bind="query-params", width=160,
            help="Exact reads every row. The others read a short form of each and measure the best "
            "on full vectors; their recall on this gallery is shown.",
        )  # fmt: skip
        hide = st.toggle("Hide its class", key=urls.HIDE, bind="query-params",
                         help="Leave out pictures of the query's class, or of the predicted one "
                         "where its class is not known.")  # fmt: skip
        fold = st.toggle("Fold copies", True, key=urls.FOLD_COPIES, bind="query-params",
                         help="Exact copies of a picture count once, and copies of the query "
                         "not at all.")  # fmt: skip
        farthest = st.toggle("Least similar", key=urls.FARTHEST, bind="query-params")
    return Wish(k, metric, method, hide, fold, farthest)


def _search(query: Query, gallery: Gallery, wish: Wish) -> Neighbours:
    """Search as wished; of an index say how good it is here."""
    if not wish.farthest and wish.method != "exact":
        with st.spinner("Building the index ..."):
            _, recall = gallery.get_index(wish.method, wish.metric)
        st.caption(
            f"{wish.method}: finds {recall.recall:.1%} of the ten exact neighbours in "
            f"{1e3 * recall.seconds:.1f} ms, exact search takes {1e3 * recall.exact_seconds:.1f} "
            f"ms (measured here with {recall.queries} of the gallery's own pictures)."
        )
    return gallery.search(query, wish)


def create_cards(query: Query, gallery: Gallery, near: Neighbours) -> list[Card]:
    """Return a card for each neighbour, marked where its class is the query's.

    Of a known class a tick or a cross says which answers are right. A predicted class makes no
    answer right, so that a dot marks where it is met.
    """
    entries = gallery.entries
    paths = tuple(entries.paths[i] for i in near.indices)
    thumbnails = gallery.load_thumbnails(paths)
    cards = []
    for i, path, distance in zip(near.indices, paths, near.distances, strict=True):
        title, meaning, tone = _mark(query, entries.labels[i])
        name = title or path.rsplit("/", 1)[-1]
        alt = f"Neighbour {path}{meaning}"
        cards.append(Card(thumbnails[path], name, f"{distance:.3g}", alt, tone))
    return cards


def _mark(query: Query, label: str) -> tuple[str, str, Tone]:
    """Return a neighbour's class as a title, what it means for the query, and the card's tone."""
    same = label == query.label
    if not label:
        return "", "", "plain"
    if query.known:
        meaning = "of the query's class" if same else "of another class"
        return label, f", {meaning}", "good" if same else "bad"
    if same:
        return f"● {label}", ", of the class predicted for the query", "plain"
    return label, ", not of the class predicted for the query", "plain"


@st.fragment
@errors_shown()
def show_neighbours(source: ModelSource, image: ImageChoice, gallery: Gallery) -> None:
    """The article's rows, and a grid for more; a chosen card opens below."""
    wish = _pick_wish(gallery)
    query = get_query(source, image, gallery)
    near = _search(query, gallery, wish)
    left, right = st.columns([1, 4])
    with left:
        show_query(query, image)
    with right:
        kind = "least similar" if wish.farthest else "nearest"
        st.markdown(f"**The {len(near.indices)} {kind} of {len(gallery.entries.paths):,}**")
        _show_cards(query, gallery, near)
    labels = [gallery.entries.labels[i] for i in near.indices]
    agreeing = gallery.find_agreeing(query, near)
    if any(labels):
        mark = "✓" if query.known else "●"
        st.markdown(
            f"{mark} **{sum(agreeing)} of {len(labels)}** neighbours have {query.describe_class()}."
        )
    whose = "the query's" if query.known else "the one the net predicts"
    show_chart(
        plot_distances(near.distances, agreeing, labels, f"the class is {whose}"),
        "distances",
        f"Distances of the {len(labels)} neighbours in order",
    )
    st.download_button(
        "CSV",
        lambda: write_csv(query, gallery, near),
        f"{query.name.rsplit('/', 1)[-1]}-{source.name}-neighbours.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    chosen = st.query_params.get(urls.NEIGHBOUR)
    if chosen in [gallery.entries.paths[i] for i in near.indices]:
        place = gallery.entries.paths.index(chosen)
        show_pair(source, query, gallery, place, wish.metric)
    else:
        st.caption("Choose a picture to see it large, why it was found, and what is like it.")


def _show_cards(query: Query, gallery: Gallery, near: Neighbours) -> None:
    paths = [gallery.entries.paths[i] for i in near.indices]
    chosen = st.query_params.get(urls.NEIGHBOUR)

    def choose(place: int) -> None:
        st.query_params[urls.NEIGHBOUR] = paths[place]

    show_cards(
        create_cards(query, gallery, near), "neighbours", choose,
        paths.index(chosen) if chosen in paths else None, 130 if len(paths) <= 20 else 92,
    )  # fmt: skip


def write_csv(query: Query, gallery: Gallery, near: Neighbours) -> str:
    """Return a row a neighbour, and in each what its class is held against and who says so."""
    entries = gallery.entries
    columns = {
        "picture": [entries.paths[i] for i in near.indices],
        "class": [entries.labels[i] for i in near.indices],
        "sha256": [entries.digests[i] for i in near.indices],
        "distance": near.distances,
        "query class": query.label,
        "query class is": query.label_origin,
    }
    return pd.DataFrame(columns).to_csv(index=False)
