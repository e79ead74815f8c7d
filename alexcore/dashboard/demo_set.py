"""The demo set as the pages use it: drawn when first needed, its training side listed."""

from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import create_creatures
from alexcore.datasets.folder import FolderListing, scan_folder
from alexcore.datasets.split import list_training
from alexcore.runs.config import SplitRule
from alexcore.settings import get_creatures_folder


def prepare_training_pictures() -> FolderListing:
    """Draw what is missing, with a progress bar, and return the training pictures.

    Raises:
        DatasetError: The demo set cannot be drawn or read.
    """
    with work_shown("Drawing the demo set") as on_progress:
        folder = create_creatures(get_creatures_folder(), on_progress=on_progress)
    drawn = SplitRule(keep_near_copies=True)  # each from a seed of its own: there are none
    return list_training(scan_folder(folder), drawn)
