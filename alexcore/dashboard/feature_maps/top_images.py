"""The nine pictures that drive a channel most: found once for a model, kept on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard.caching import get_inference_lock, get_model
from alexcore.dashboard.feature_maps.projections import (
    Strongest,
    draw_sheet,
    pick_projection,
    project,
)
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.tasks import work_shown
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.creatures import CREATURES
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import crop_image
from alexcore.retrieval.pictures import Pictures
from alexcore.runs.config import SplitRule
from alexcore.settings import get_cache_folder, get_creatures_folder, get_data_folder
from alexcore.sources import ModelSource

_AS_DRAWN = SplitRule(keep_near_copies=True)  # each is drawn from a seed of its own: there are none

if TYPE_CHECKING:
    from alexcore.datasets.folder import FolderListing
    from alexcore.features.top_images import TopImages
    from alexcore.inference.model import LoadedModel

_WANTED = "wanted-top-images"


def find_top_images_file(source: ModelSource) -> Path:
    """Return where a model's result lies."""
    name = f"creatures-{source.name}-{source.digest[:12]}.npz"
    return get_data_folder() / "top_images" / name


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(path: str, modified: int) -> TopImages | None:
    from alexcore.features.top_images import load_top_images

    return load_top_images(Path(path))


def get_top_images(source: ModelSource) -> TopImages | None:
    """Return what was found for a model, None before.

    Raises:
        CheckpointError: The file is damaged.
    """
    path = find_top_images_file(source)
    return _load(str(path), path.stat().st_mtime_ns) if path.is_file() else None


def request_top_images(*sources: ModelSource) -> None:
    """Have the page look for these models' top images, outside the panel's fragment."""
    st.session_state[_WANTED] = sources
    st.rerun(scope="app")


def offer_top_images(source: ModelSource) -> None:
    """Let people have a model look at the training pictures."""
    st.caption("Found once for a model in one pass over the demo set, then kept.")
    if ask_to_write("Find them", ":material/search:"):
        request_top_images(source)


def find_requested() -> None:
    """Do what a panel requested; a page that is stopped and run anew does not begin again.

    Raises:
        AlexcoreError: The demo set or a model cannot be read, or the result not be written.
    """
    wanted = st.session_state.pop(_WANTED, ())
    if wanted:
        with work_shown(f"Drawing {CREATURES}") as on_progress:
            training = Pictures(CREATURES).open(_AS_DRAWN, on_progress)
        for source in wanted:
            _find(get_model(source), training)


def _find(model: LoadedModel, training: FolderListing) -> None:
    """Look at the demo set's training pictures once, with a progress bar."""
    from alexcore.features.top_images import find_top_images, save_top_images

    with work_shown(f"Looking for what drives {model.source.name} most") as on_progress:
        found = find_top_images(
            training, model, get_cache_folder(), on_progress, get_inference_lock()
        )
    save_top_images(find_top_images_file(model.source), found)


def show_top_images(model: LoadedModel, node: str, channel: int) -> None:
    """The nine pictures, each cut to what the strongest cell sees, or a button to find them."""
    st.markdown(f"**The nine training pictures that drive channel {channel} most**")
    with errors_shown():
        found = get_top_images(model.source)
        drawn = found is not None and (get_creatures_folder() / found.paths[0]).is_file()
        if found is None or node not in found.values or not drawn:
            offer_top_images(model.source)
            return
        field, preprocessing = model.receptive_fields[node], model.source.preprocessing
        method = pick_projection()
        places, whole, boxes, shown = [], [], [], []
        row = st.grid(columns=9, min_column_width=90)
        for value, index, (y, x) in zip(
            found.values[node][channel],
            found.pictures[node][channel],
            found.cells[node][channel],
            strict=True,
        ):
            path = get_creatures_folder() / found.paths[int(index)]
            crop = crop_image(load_image(path), preprocessing)
            box = field.box(int(y), int(x), preprocessing.crop) if field else (0, 0, *crop.size)
            places.append(row.cell())
            whole.append(crop)
            boxes.append(box)
            shown.append(crop.crop(box).resize((160, 160)))
            places[-1].image(
                shown[-1],
                caption=f"{path.stem} · {value:.2f}",
                width="stretch",
                alt=f"Part of {path.stem} that drives channel {channel} of {model.names[node]}",
            )
        rows = [shown]
        if method is not None:
            cells = found.cells[node][channel]
            projections = project(model, Strongest(node, channel, whole, cells, boxes), method)
            rows.append(projections)
            for place, projection in zip(places, projections, strict=True):
                place.image(
                    projection,
                    width="stretch",
                    alt=f"By {method}, what of it drives the channel, on grey",
                )
        st.download_button(
            "PNG", lambda: draw_sheet(rows),
            f"{model.source.name}-{model.names[node]}-{channel}-top-images.png", "image/png",
            on_click="ignore", key="take-top-images", type="tertiary", icon=":material/download:",
        )  # fmt: skip
