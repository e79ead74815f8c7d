"""The nine pictures that drive a channel most: found once for a model, kept on disk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard.architecture.traces import get_layer_view
from alexcore.dashboard.caching import get_device, get_inference_lock, get_model
from alexcore.dashboard.demo_set import prepare_training_pictures
from alexcore.dashboard.permissions import ask_to_write, refuse_writing
from alexcore.dashboard.session import ModelChoice
from alexcore.dashboard.tasks import progress_shown
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import crop_image
from alexcore.settings import get_cache_folder, get_creatures_folder, get_data_folder

if TYPE_CHECKING:
    from alexcore.datasets.folder import FolderListing
    from alexcore.features.top_images import Strongest


_WANTED = "wanted-strongest"


def get_strongest_file(choice: ModelChoice) -> Path:
    """Return where a model's result lies."""
    return get_data_folder() / "strongest" / f"creatures-{choice.name}-{choice.digest[:12]}.npz"


@st.cache_resource(max_entries=6, show_spinner=False)
def _load(path: str, modified: int) -> Strongest | None:
    from alexcore.features.top_images import load_strongest

    return load_strongest(Path(path))


def get_strongest(choice: ModelChoice) -> Strongest | None:
    """Return what was found for a model, None before.

    Raises:
        CheckpointError: The file is damaged.
    """
    path = get_strongest_file(choice)
    return _load(str(path), path.stat().st_mtime_ns) if path.is_file() else None


def request_strongest(*choices: ModelChoice) -> None:
    """Have the page look for these models' strongest pictures, outside the panel's fragment."""
    st.session_state[_WANTED] = choices
    st.rerun(scope="app")


def find_requested() -> None:
    """Do what a panel requested; a page that is stopped and run anew does not begin again.

    Raises:
        AlexcoreError: The demo set or a model cannot be read, or the result not be written.
    """
    wanted = st.session_state.pop(_WANTED, ())
    if wanted:
        refuse_writing("looking through the training pictures")
        training = prepare_training_pictures()
        for choice in wanted:
            _build_strongest(choice, training)


def _build_strongest(choice: ModelChoice, training: FolderListing) -> None:
    """Look at the demo set's training pictures once, with a progress bar.

    Raises:
        DatasetError: The demo set cannot be drawn or read.
    """
    from alexcore.features.top_images import find_strongest, save_strongest

    loaded = get_model(choice)
    nodes = [
        node
        for node, label in loaded.labels.items()
        if label.startswith(("conv", "relu", "pool", "norm")) and label[-1] in "12345"
    ]
    with progress_shown(f"{choice.name} looks at the training pictures ...") as say:
        found = find_strongest(
            training,
            loaded.model,
            nodes,
            choice.preset,
            get_device(),
            get_cache_folder(),
            lambda done, total: say(done, total, f"Looking: {done} of {total}"),
            get_inference_lock(),
        )
    save_strongest(get_strongest_file(choice), found)


def show_strongest(choice: ModelChoice, node: str, label: str, channel: int) -> None:
    """The nine pictures, each cut to what the strongest cell sees, or a button to find them."""
    st.markdown(f"**The nine training pictures that drive channel {channel} most**")
    with errors_shown():
        found = get_strongest(choice)
        drawn = found is not None and (get_creatures_folder() / found.paths[0]).is_file()
        if found is None or node not in found.values or not drawn:
            st.caption("Found once for a model in one pass over the demo set, then kept.")
            if ask_to_write("Find them", ":material/search:"):
                request_strongest(choice)
            return
        view = get_layer_view(choice, node)
        row = st.grid(columns=9, min_column_width=90)
        for value, index, (y, x) in zip(
            found.values[node][channel],
            found.pictures[node][channel],
            found.cells[node][channel],
            strict=True,
        ):
            path = get_creatures_folder() / found.paths[int(index)]
            crop = crop_image(load_image(path), choice.preset)
            if view is not None:
                crop = crop.crop(view.box(int(y), int(x), choice.preset.crop))
            row.image(
                crop.resize((160, 160)),
                caption=f"{Path(found.paths[int(index)]).stem} · {value:.2f}",
                width="stretch",
                alt=f"Part of {path.stem} that drives channel {channel} of {label}",
            )
