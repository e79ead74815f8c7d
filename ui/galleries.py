"""The gallery of the chosen model: its key, its building, and the query's vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.datasets.creatures import create_creatures
from alexcore.datasets.folder import FolderListing, scan_folder, split_listing
from alexcore.paths import get_creatures_folder, get_galleries_folder
from ui.cache import get_device, get_inference_lock, get_model, get_seen
from ui.state import ImageChoice, ModelChoice

if TYPE_CHECKING:
    from torch import Tensor

    from alexcore.retrieval.gallery import GalleryKey


def get_gallery_key(choice: ModelChoice) -> GalleryKey:
    """Return the key of the demo set's training pictures as the chosen model sees them."""
    from alexcore.models.layers import find_last_hidden
    from alexcore.retrieval.gallery import GalleryKey

    node = find_last_hidden(get_model(choice).model)
    return GalleryKey("creatures-train", choice.name, node, choice.preset, choice.digest)


def find_query_vector(choice: ModelChoice, image: ImageChoice) -> Tensor:
    """Return the picture's embedding (D,), read from the activations already computed."""
    import torch

    from alexcore.models.layers import find_last_hidden

    node = find_last_hidden(get_model(choice).model)
    return torch.tensor(get_seen(choice, image).activations[node])


def build_default_gallery(choice: ModelChoice, key: GalleryKey) -> None:
    """Draw the demo set if need be and embed its training pictures, with a progress bar.

    Raises:
        DatasetError: The demo set cannot be drawn.
        GalleryError: The gallery cannot be written.
    """
    from alexcore.retrieval.gallery import build_gallery

    bar = st.progress(0.0, "Drawing the demo set ...")
    folder = create_creatures(
        get_creatures_folder(),
        on_progress=lambda done, total: bar.progress(
            done / total, f"Drawing the demo set: {done} of {total}"
        ),
    )
    listing = scan_folder(folder)
    training = FolderListing(folder, split_listing(listing).train)
    with get_inference_lock():
        build_gallery(
            get_galleries_folder(),
            training,
            get_model(choice).model,
            key,
            get_device(),
            lambda done, total: bar.progress(done / total, f"Embedding: {done} of {total}"),
        )
    bar.empty()
