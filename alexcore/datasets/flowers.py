"""TensorFlow's flower photographs: their archive -> one folder a class, the licence beside them."""

import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from alexcore.datasets.folder import OnProgress
from alexcore.errors import DatasetError
from alexcore.weights.download import download

ARCHIVE = "flower_photos.tgz"
ATTRIBUTION = (
    "TensorFlow's flower_photos: 3,670 photographs by many people, CC BY 2.0; LICENSE.txt in its "
    "folder names each author."
)
_URL = f"https://storage.googleapis.com/download.tensorflow.org/example_images/{ARCHIVE}"
_SHA256 = "4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c"
"""As tensorflow/datasets has it, in url_checksums/tf_flowers.txt."""

_LICENCE = "LICENSE.txt"
_LABELS = {
    "daisy": "daisy",
    "dandelion": "dandelion",
    "roses": "rose",
    "sunflowers": "sunflower",
    "tulips": "tulip",
}
"""The archive's folders, and their classes in the singular, as everywhere else."""
_PICTURES = 3670


def prepare_flowers(downloads: Path, folder: Path, on_progress: OnProgress | None) -> None:
    """Fill a folder with the photographs, downloaded unless their archive is there.

    Args:
        downloads: Where the archive lies, or goes.
        folder: One that is missing or empty.
        on_progress: Called with (pictures there, pictures in all), twice over: while they are
            downloaded, counted by their share of the bytes, and while they are unpacked.

    Raises:
        CheckpointError: They cannot be downloaded.
        DatasetError: The archive is another, or damaged.
        OSError: They cannot be written.
    """
    archive, inside = downloads / ARCHIVE, folder / "flower_photos"
    tell = on_progress or (lambda done, total: None)
    download(_URL, archive, lambda done, total: tell(done * _PICTURES // total, _PICTURES), _SHA256)
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            tar.extractall(folder, _counted(members, tell), filter="data")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise _refuse(archive, str(error)) from error
    missing = [name for name in (*_LABELS, _LICENCE) if not (inside / name).exists()]
    if missing:
        raise _refuse(archive, f"it has no flower_photos/{missing[0]}")
    for name, label in (*_LABELS.items(), (_LICENCE, _LICENCE)):
        (inside / name).rename(folder / label)
    shutil.rmtree(inside)


def _counted(members: list[tarfile.TarInfo], tell: OnProgress) -> Iterator[tarfile.TarInfo]:
    for number, member in enumerate(members, start=1):
        yield member
        tell(number, len(members))


def _refuse(archive: Path, why: str) -> DatasetError:
    return DatasetError(
        f"{archive} is not TensorFlow's {ARCHIVE}: {why}. Remove it; it is downloaded anew then."
    )
