"""The demo set as the pages use it: drawn when first needed, its training side listed."""

from streamlit.delta_generator import DeltaGenerator

from alexcore.datasets.creatures import create_creatures
from alexcore.datasets.folder import FolderListing, list_training, scan_folder
from alexcore.paths import get_creatures_folder
from ui.permissions import refuse_writing


def prepare_training_pictures(bar: DeltaGenerator) -> FolderListing:
    """Draw what is missing, shown on a progress bar, and return the training pictures.

    Raises:
        DatasetError: The demo set cannot be drawn or read.
    """
    refuse_writing("drawing the demo set")
    folder = create_creatures(
        get_creatures_folder(),
        on_progress=lambda done, total: bar.progress(
            done / total, f"Drawing the demo set: {done} of {total}"
        ),
    )
    return list_training(scan_folder(folder))
