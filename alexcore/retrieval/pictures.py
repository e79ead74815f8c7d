"""What a gallery is made of, and what it is judged by.

name or folder -> ``Pictures`` -> a GalleryKey and a FolderListing -> ``build_gallery``. Page,
command and preview build the same gallery of the same model, so each finds what another built.
"""

from dataclasses import dataclass
from pathlib import Path

from alexcore.datasets.creatures import SETS
from alexcore.datasets.folder import FolderListing, OnProgress, scan_folder
from alexcore.datasets.sources import list_sources, open_source
from alexcore.datasets.split import list_training, list_validation
from alexcore.retrieval.store import GalleryKey, Split
from alexcore.runs.config import SplitRule
from alexcore.sources import ModelSource


@dataclass(frozen=True, slots=True)
class Pictures:
    """A data set, or its training side.

    Attributes:
        origin: As ``open_source`` takes it.
        split: Its training side alone, or all of it.
    """

    origin: str
    split: Split = "train"

    @property
    def name(self) -> str:
        """Of the data set."""
        return Path(self.origin).name

    @property
    def title(self) -> str:
        """In the picker and the address."""
        return f"{self.name}-train" if self.split == "train" else self.name

    def create_key(self, source: ModelSource, node: str) -> GalleryKey:
        """Return the key of the pictures as a node of a model sees them."""
        return GalleryKey(
            self.name, source.name, node, source.preprocessing, source.digest, self.split
        )

    def open(self, rule: SplitRule, on_progress: OnProgress | None = None) -> FolderListing:
        """List the pictures; they are drawn or downloaded where they are not here.

        Args:
            rule: How the training side is split off.
            on_progress: Called with (pictures done, pictures in all) while they are made and read.

        Raises:
            DatasetError: They cannot be made, read or split.
        """
        listing = scan_folder(open_source(self.origin, on_progress), on_progress)
        if self.split == "all":
            return listing
        return list_training(listing, rule, on_progress)


def list_pictures(source: ModelSource) -> dict[str, Pictures]:
    """Return {title: pictures}; of drawn sets and what a model was trained on the training side."""
    trained = (*SETS, source.trained_on)
    found = [
        Pictures(origin, "train" if Path(origin).name in trained else "all")
        for origin in list_sources(flat=True)
    ]
    return {pictures.title: pictures for pictures in found}


def list_queries(
    root: Path, rule: SplitRule, on_progress: OnProgress | None = None
) -> FolderListing:
    """Return the pictures that a rule holds out for validation, each content once.

    Raises:
        DatasetError: They are not in ``root`` any more, or cannot be split.
    """
    listing = scan_folder(root, on_progress)
    return FolderListing(root, list_validation(listing, rule, on_progress))
