"""The drawn sets as the pages use it: drawn when first needed, its training side listed."""

from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import CREATURES
from alexcore.datasets.folder import FolderListing, list_training, scan_folder
from alexcore.datasets.sources import open_source


def prepare_training_pictures(name: str = CREATURES) -> FolderListing:
    """Draw what is missing, with a progress bar, and return the training pictures.

    Raises:
        DatasetError: The set cannot be drawn or read.
    """
    with work_shown(f"Drawing {name}") as on_progress:
        folder = open_source(name, on_progress)
    return list_training(scan_folder(folder))
