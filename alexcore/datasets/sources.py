"""Pictures by name: the drawn sets, downloaded sets, folders below the allowed roots.

Every source becomes one folder with a folder of pictures a class, so that there is one way on.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from alexcore.datasets.creatures import SETS, create_creatures
from alexcore.datasets.flowers import ARCHIVE, ATTRIBUTION, prepare_flowers
from alexcore.datasets.folder import SUFFIXES, OnProgress
from alexcore.errors import CheckpointError, DatasetError
from alexcore.settings import (
    get_creatures_folder,
    get_data_folder,
    get_opened_folder,
    get_picture_roots,
)


@dataclass(frozen=True, slots=True)
class _Download:
    """A set that lies elsewhere until it is wanted.

    Attributes:
        title: What it is, in a few words.
        prepare: Fills a folder with one of pictures a class, from what lies in the folder of
            downloads or is brought there.
        files: What to put there where there is no network.
        attribution: Whose the pictures are, where their licence asks to say so.
    """

    title: str
    prepare: Callable[[Path, Path, OnProgress | None], None]
    files: str = "torchvision's files"
    attribution: str = ""


def _copy(
    open_set: Callable[[Path], Any], name_classes: Callable[[Any], list[str]]
) -> Callable[[Path, Path, OnProgress | None], None]:
    """Return what copies one of torchvision's sets, whose items are (path or picture, target).

    Where torchvision hands out paths, files are copied as they are; otherwise pictures are stored
    without loss.
    """

    def prepare(downloads: Path, folder: Path, on_progress: OnProgress | None) -> None:
        dataset = open_set(downloads)
        classes = name_classes(dataset)
        for number, (item, label) in enumerate(_iterate(dataset), start=1):
            _store(item, folder / classes[label].replace(" ", "-"), number)
            if on_progress is not None:
                on_progress(number, len(dataset))

    return prepare


def _open_imagenette(root: Path) -> Any:
    from torchvision.datasets import Imagenette

    there = (root / "imagenette2-320").is_dir()  # it refuses to download what is there
    return Imagenette(root, "train", "320px", download=not there, loader=Path)


def _open_flowers102(root: Path) -> Any:
    from torchvision.datasets import Flowers102

    return Flowers102(root, "train", download=True, loader=Path)


def _open_pets(root: Path) -> Any:
    from torchvision.datasets import OxfordIIITPet

    return OxfordIIITPet(root, "trainval", download=True)


def _open_cifar(root: Path) -> Any:
    from torchvision.datasets import CIFAR10

    return CIFAR10(root, train=True, download=True)


DOWNLOADS = {
    "flowers": _Download(
        "TensorFlow's flower photographs, 5 classes", prepare_flowers, ARCHIVE, ATTRIBUTION
    ),
    "imagenette": _Download(
        "Imagenette, 10 classes at 320 px",
        _copy(_open_imagenette, lambda d: [c[0] for c in d.classes]),
    ),
    "flowers102": _Download(
        "Flowers102, 102 classes",
        _copy(_open_flowers102, lambda d: [f"{i + 1:03d}" for i in range(102)]),
    ),
    "oxford-pets": _Download(
        "Oxford-IIIT Pet, 37 classes", _copy(_open_pets, lambda d: list(d.classes))
    ),
    "cifar10": _Download("CIFAR-10, 32 x 32 pixels", _copy(_open_cifar, lambda d: list(d.classes))),
}
"""Sets by the name ``--data`` takes; torchvision's give their training side."""


def open_source(name: str, on_progress: OnProgress | None = None) -> Path:
    """Return the folder of a source; drawn, or downloaded and unpacked, when it is not there.

    Args:
        name: A key of ``SETS`` or of ``DOWNLOADS``, or a folder's path.
        on_progress: Called with (pictures done, pictures in all) while they are made.

    Raises:
        DatasetError: There is no network, or the disk is full.
    """
    if name in SETS:
        return create_creatures(get_creatures_folder(name), on_progress=on_progress, set=name)
    if name in DOWNLOADS:
        return _unpack(name, _get_downloads(), on_progress)
    return Path(name)


def open_test(name: str, on_progress: OnProgress | None = None) -> Path | None:
    """Return the folder of a source's test side, drawn when it is not there.

    Args:
        name: As for ``open_source``.
        on_progress: Called with (pictures done, pictures in all) while they are made.

    Returns:
        None where a source has no pictures apart from those one trains and chooses with.

    Raises:
        DatasetError: The disk is full.
    """
    if name not in SETS:
        return None
    folder = get_creatures_folder(f"{name}-test")
    return create_creatures(folder, on_progress=on_progress, set=name, test=True)


def _get_downloads() -> Path:
    return get_data_folder() / "downloads"


def _unpack(name: str, downloads: Path, on_progress: OnProgress | None) -> Path:
    """Make a downloaded set one folder a class; the name appears when it is whole."""
    target = downloads / name
    if target.is_dir():
        return target
    source, partial = DOWNLOADS[name], downloads / f".{name}.partial"
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(partial, ignore_errors=True)
        source.prepare(downloads, partial, on_progress)
        partial.rename(target)
    except (URLError, ConnectionError, TimeoutError, CheckpointError) as error:
        raise DatasetError(
            f"cannot download {source.title}: {str(error).rstrip('.')}. Without a network use "
            f"'creatures', a folder of your own, or put {source.files} into {downloads}."
        ) from error
    except (OSError, RuntimeError) as error:
        raise DatasetError(f"cannot prepare {source.title} in {downloads}: {error}.") from error
    return target


def _iterate(dataset: Any) -> Iterator[tuple[Any, int]]:
    for index in range(len(dataset)):
        item, label = dataset[index]
        yield item, int(label)


def _store(item: Any, folder: Path, number: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(item, Path):
        shutil.copyfile(item, folder / item.name)
    else:
        item.save(folder / f"{number:06d}.png")


def list_sources(flat: bool = False) -> list[str]:
    """Return the pictures here that a browser may name.

    They are the folder the dashboard was opened on, the drawn sets, sets that were downloaded, and
    folders below the allowed roots; one that a link leads out of the roots does not count.

    Args:
        flat: Also folders without a folder a class, which can be searched but not trained on.
    """
    downloads = [_get_downloads() / name for name in DOWNLOADS]
    found = [*SETS, *(str(folder) for folder in downloads if folder.is_dir())]
    opened = get_opened_folder()
    if opened is not None and (_has_classes(opened) or (flat and holds_pictures(opened))):
        found.insert(0, str(opened))
    for root in get_picture_roots():
        if not root.is_dir():
            continue
        inside = root.resolve()
        for path in sorted(root.iterdir()):
            within = path.is_dir() and path.resolve().is_relative_to(inside)
            if within and (_has_classes(path) or (flat and _has_pictures(path))):
                found.append(str(path))
    return found


def find_folder(name: str, test: bool = False) -> Path | None:
    """Return the folder of pictures of that name, if a browser may name them and they are here.

    Args:
        name: Of the data set.
        test: The test side of a drawn set instead; others have none.
    """
    if name in SETS:
        folder = get_creatures_folder(f"{name}-test" if test else name)
        return folder if folder.is_dir() else None
    return next((Path(found) for found in list_sources() if Path(found).name == name), None)


def list_downloads() -> list[str]:
    """Return the names of the sets that are not here yet, and come when they are opened."""
    return [name for name in DOWNLOADS if not (_get_downloads() / name).is_dir()]


def find_attribution(source: str) -> str:
    """Return whose the pictures of a source are, ``""`` where nobody asks to say so.

    Args:
        source: From ``list_sources`` or ``list_downloads``.
    """
    name = Path(source).name
    ours = name in DOWNLOADS and source in (name, str(_get_downloads() / name))
    return DOWNLOADS[name].attribution if ours else ""


def holds_pictures(path: Path) -> bool:
    """Whether pictures lie in a folder or in the folders in it."""
    with os.scandir(path) as entries:
        folders = [path, *(Path(entry) for entry in entries if entry.is_dir())]
    return any(map(_has_pictures, folders))


def _has_classes(path: Path) -> bool:
    with os.scandir(path) as entries:
        return sum(entry.is_dir() and not entry.name.startswith(".") for entry in entries) >= 2


def _has_pictures(path: Path) -> bool:
    with os.scandir(path) as entries:
        return any(Path(entry.name).suffix.lower() in SUFFIXES for entry in entries)
