"""Feature maps side by side: which layers of two nets are alike, as one matrix to click on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import find_work, get_inference_lock, get_model, keep_work
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import SETS
from alexcore.datasets.sources import find_folder
from alexcore.figures.similarity import plot_similarity
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from pathlib import Path

    from alexcore.features.cka import Gram, LayerSimilarity

_WANTED = "wanted-similarity"


def show_layers_alike(left: ModelSource, right: ModelSource, chosen: tuple[str, str]) -> None:
    """The matrix, whose click chooses a layer of each, or a button that has it computed.

    Args:
        left: Whose held-out pictures are looked at.
        right: The other net.
        chosen: The layer of each that is shown below.
    """
    from alexcore.features.cka import find_pictures

    st.subheader(
        "Which layers are alike",
        help="Linear CKA (Kornblith et al. 2019): whether two layers find the same pictures alike, "
        "whatever their channels are called or how many there are. 1 is the same up to a rotation "
        "and one scale. Maps are averaged over space first. With fewer pictures than units even "
        "unrelated layers lie above 0.",
    )
    found: LayerSimilarity | None = find_work(_name_pair(left, right))
    pictures = find_pictures(left)
    if found is None:
        st.caption(
            f"Over validation pictures of {pictures}, the same for both nets"
            f"{_say_trained(pictures, left, right)}."
        )
        if st.button("Compare all layers", icon=":material/grid_on:"):
            st.session_state[_WANTED] = left, right
            st.rerun(scope="app")
        return
    show_chart(
        plot_similarity(found.values, (found.left, found.right), (left.name, right.name), chosen),
        "layers-alike",
        f"Linear CKA of every layer of {left.name} with every layer of {right.name}",
        lambda cell: st.session_state.update(
            {urls.OTHER_LAYER: cell["y"], urls.LAYER_THERE: cell["x"]}
        ),
    )
    st.caption(
        f"Linear CKA over {found.pictures} validation pictures of {pictures}"
        f"{_say_trained(pictures, left, right)}. Click a cell to see both layers below."
    )
    st.download_button(
        "CSV", found.to_csv, f"similarity-{left.name}-{right.name}.csv", "text/csv",
        key="similarity-csv", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _say_trained(pictures: str, left: ModelSource, right: ModelSource) -> str:
    """Name those that were trained on other pictures, or may have been on some of these."""
    from alexcore.features.cka import find_rule

    others = (source for source in (left, right) if source.trained_on not in (None, pictures))
    said = "".join(f"; {source.name} was trained on {source.trained_on}" for source in others)
    rules = [find_rule(left), right.split_rule]
    if pictures in SETS:  # each drawn from a seed of its own: there are no copies to keep apart
        rules = [replace(rule, keep_near_copies=True) for rule in rules]
    if right.trained_on == pictures and rules[0] != rules[1]:
        said += f"; {right.name} held out others and may have been trained on some of these"
    return said


def _name_pair(left: ModelSource, right: ModelSource) -> tuple[str, ...]:
    return ("similarity", left.name, left.digest, right.name, right.digest)


def compare_requested() -> None:
    """Compare what the panel requested, once; what is done when it is stopped is kept.

    Raises:
        AlexcoreError: The pictures or a model cannot be read.
    """
    wanted = st.session_state.pop(_WANTED, None)
    if wanted:
        keep_work(_name_pair(*wanted), lambda: _compare(*wanted))


def _compare(left: ModelSource, right: ModelSource) -> LayerSimilarity:
    from alexcore.features.cka import choose_pictures, compare_layers, find_pictures

    name = find_pictures(left)
    what = "Listing" if find_folder(name) else "Drawing"
    with work_shown(f"{what} {name}", writes=what == "Drawing") as on_progress:
        pictures = choose_pictures(left, on_progress)
    return compare_layers(*(_look(source, name, pictures) for source in (left, right)))


def _look(source: ModelSource, name: str, pictures: list[Path]) -> dict[str, Gram]:
    """Return what a net's layers say of the pictures, kept for its next comparison."""
    from alexcore.features.cka import compute_grams

    def look() -> dict[str, Gram]:
        with work_shown(f"Looking with {source.name}", writes=False) as on_progress:
            return compute_grams(get_model(source), pictures, on_progress, get_inference_lock())

    return keep_work(("grams", source.name, source.digest, name, *map(str, pictures)), look)
