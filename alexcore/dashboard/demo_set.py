"""The drawn sets as the pages use it: drawn when first needed, its training side listed."""

from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import CREATURES
from alexcore.datasets.folder import FolderListing, scan_folder
from alexcore.datasets.sources import open_source, open_test
from alexcore.datasets.split import list_training
from alexcore.runs.config import SplitRule


def prepare_training_pictures(name: str = CREATURES) -> FolderListing:
    """Draw what is missing, with a progress bar, and return the training pictures.

    Raises:
        DatasetError: The set cannot be drawn or read.
    """
    with work_shown(f"Drawing {name}") as on_progress:
        folder = open_source(name, on_progress)
    drawn = SplitRule(keep_near_copies=True)  # near copies need no looking for: there are none
    return list_training(scan_folder(folder), drawn)


def draw_test_pictures(name: str) -> None:
    """Draw what is missing of a set's test side, with a progress bar.

    Raises:
        DatasetError: It cannot be drawn.
    """
    with work_shown(f"Drawing the test side of {name}") as on_progress:
        open_test(name, on_progress)
