"""torchvision's sets from local files in their own formats, and the folders a browser may name."""

import pickle
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from PIL import Image

from alexcore.datasets.creatures import SETS
from alexcore.datasets.folder import scan_folder
from alexcore.datasets.sources import list_sources, open_source
from alexcore.errors import DatasetError


@pytest.fixture
def downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))
    return tmp_path / "downloads"


def _save(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (40, 30), (shade, 0, 0)).save(path)


def test_imagenette_becomes_folders_named_after_its_classes(downloads: Path) -> None:
    files = downloads / "imagenette2-320" / "train"
    _save(files / "n01440764" / "a.JPEG", 10)
    _save(files / "n03000684" / "b.JPEG", 20)
    listing = scan_folder(open_source("imagenette"))
    assert [(i.path, i.label) for i in listing.items] == [
        ("chain-saw/b.JPEG", "chain-saw"),
        ("tench/a.JPEG", "tench"),
    ]
    copied = (listing.root / "tench" / "a.JPEG").read_bytes()
    assert copied == (files / "n01440764" / "a.JPEG").read_bytes()


def test_cifar_becomes_pictures_without_loss(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torchvision.datasets import CIFAR10

    monkeypatch.setattr(CIFAR10, "_check_integrity", lambda self: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda path, md5=None: True)
    folder = downloads / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 255, (2, 3072), np.uint8)
    for number in range(1, 6):
        batch = {"data": pixels, "labels": [number % 5, 9]}
        (folder / f"data_batch_{number}").write_bytes(pickle.dumps(batch))
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship"]
    meta = {"label_names": [*names, "truck"]}
    (folder / "batches.meta").write_bytes(pickle.dumps(meta))
    root = open_source("cifar10")
    listing = scan_folder(root)
    assert len(listing.items) == 10
    assert listing.classes == ("airplane", "automobile", "bird", "cat", "deer", "truck")
    first = np.asarray(Image.open(root / "automobile" / "000001.png"))
    np.testing.assert_array_equal(first, pixels[0].reshape(3, 32, 32).transpose(1, 2, 0))


def test_without_a_network_the_local_choices_are_named(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(DatasetError, match=r"no route to host.*use 'creatures', a folder"):
        open_source("oxford-pets")
    assert not (downloads / "oxford-pets").exists()


def test_sources_are_folders_below_the_roots_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = tmp_path / "pictures", tmp_path / "secret"
    for folder in (root / "pets" / "cat", root / "pets" / "dog", outside / "a", outside / "b"):
        folder.mkdir(parents=True)
    (root / "flat").mkdir()
    (root / "way-out").symlink_to(outside)
    monkeypatch.setenv("ALEXCORE_PICTURES", str(root))
    assert list_sources() == [*SETS, str(root / "pets")]
    _save(root / "flat" / "a.png", 1)
    assert list_sources(flat=True) == [*SETS, str(root / "flat"), str(root / "pets")]
    assert list_sources() == [*SETS, str(root / "pets")]
    monkeypatch.setenv("ALEXCORE_PICTURES", str(tmp_path / "missing"))
    assert list_sources() == list(SETS)
