"""Pictures by name: the drawn sets, torchvision's sets, folders below the allowed roots.

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
from alexcore.datasets.folder import SUFFIXES, OnProgress
from alexcore.errors import DatasetError
from alexcore.settings import get_creatures_folder, get_data_folder, get_picture_roots


@dataclass(frozen=True, slots=True)
class _Download:
    """One of torchvision's sets: how to open it, and the class names of its targets.

    Items are (path or picture, target): where torchvision hands out paths, files are copied as
    they are; otherwise pictures are stored without loss.
    """

    title: str
    open: Callable[[Path], Any]
    name_classes: Callable[[Any], list[str]]


def _open_imagenette(root: Path) -> Any:
    from torchvision.datasets import Imagenette

    there = (root / "imagenette2-320").is_dir()  # it refuses to download what is there
    return Imagenette(root, "train", "320px", download=not there, loader=Path)


def _open_flowers(root: Path) -> Any:
    from torchvision.datasets import Flowers102

    return Flowers102(root, "train", download=True, loader=Path)


def _open_pets(root: Path) -> Any:
    from torchvision.datasets import OxfordIIITPet

    return OxfordIIITPet(root, "trainval", download=True)


def _open_cifar(root: Path) -> Any:
    from torchvision.datasets import CIFAR10

    return CIFAR10(root, train=True, download=True)


DOWNLOADS = {
    "imagenette": _Download(
        "Imagenette, 10 classes at 320 px", _open_imagenette, lambda d: [c[0] for c in d.classes]
    ),
    "flowers102": _Download(
        "Flowers102, 102 classes", _open_flowers, lambda d: [f"{i + 1:03d}" for i in range(102)]
    ),
    "oxford-pets": _Download("Oxford-IIIT Pet, 37 classes", _open_pets, lambda d: list(d.classes)),
    "cifar10": _Download("CIFAR-10, 32 x 32 pixels", _open_cifar, lambda d: list(d.classes)),
}
"""torchvision's sets by the name ``--data`` takes; each gives its training side."""


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
        return _unpack(name, get_data_folder() / "downloads", on_progress)
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


def _unpack(name: str, downloads: Path, on_progress: OnProgress | None) -> Path:
    """Copy a downloaded set into one folder a class; the name appears when it is whole."""
    target = downloads / name
    if target.is_dir():
        return target
    source, partial = DOWNLOADS[name], downloads / f".{name}.partial"
    try:
        downloads.mkdir(parents=True, exist_ok=True)
        dataset = source.open(downloads)
        shutil.rmtree(partial, ignore_errors=True)
        classes = source.name_classes(dataset)
        for number, (item, label) in enumerate(_iterate(dataset), start=1):
            _store(item, partial / classes[label].replace(" ", "-"), number)
            if on_progress is not None:
                on_progress(number, len(dataset))
        partial.rename(target)
    except (URLError, ConnectionError, TimeoutError) as error:
        raise DatasetError(
            f"cannot download {source.title}: {error}. Without a network use 'creatures', a folder "
            f"of your own, or put torchvision's files into {downloads}."
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
    """Return the pictures a browser may name: the drawn sets, and folders below the allowed roots.

    A folder that a link leads out of the roots does not count.

    Args:
        flat: Also folders without a folder a class, which can be searched but not trained on.
    """
    found = list(SETS)
    for root in get_picture_roots():
        if not root.is_dir():
            continue
        inside = root.resolve()
        for path in sorted(root.iterdir()):
            within = path.is_dir() and path.resolve().is_relative_to(inside)
            if within and (_has_classes(path) or (flat and _has_pictures(path))):
                found.append(str(path))
    return found


def _has_classes(path: Path) -> bool:
    with os.scandir(path) as entries:
        return sum(entry.is_dir() and not entry.name.startswith(".") for entry in entries) >= 2


def _has_pictures(path: Path) -> bool:
    with os.scandir(path) as entries:
        return any(Path(entry.name).suffix.lower() in SUFFIXES for entry in entries)
