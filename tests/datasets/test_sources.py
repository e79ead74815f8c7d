"""Downloaded sets from local files in their own formats, and the folders a browser may name."""

import io
import pickle
import tarfile
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
from PIL import Image

from alexcore.datasets.creatures import SETS
from alexcore.datasets.folder import scan_folder
from alexcore.datasets.sources import (
    find_attribution,
    find_folder,
    list_downloads,
    list_sources,
    open_source,
)
from alexcore.errors import DatasetError
from alexcore.settings import get_creatures_folder


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


FLOWERS = ("daisy", "dandelion", "roses", "sunflowers", "tulips")


def _pack_flowers(downloads: Path, *more: str, folders: tuple[str, ...] = FLOWERS) -> Path:
    """Write an archive of the form of TensorFlow's, with a picture a folder, and other files."""
    downloads.mkdir(parents=True)
    archive = downloads / "flower_photos.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for number, folder in enumerate(folders):
            file = io.BytesIO()
            Image.new("RGB", (40, 30), (number, 0, 0)).save(file, "JPEG")
            _add(tar, f"flower_photos/{folder}/{number}_n.jpg", file.getvalue())
        for name in ("flower_photos/LICENSE.txt", *more):
            _add(tar, name, b"CC-BY by somebody")
    return archive


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def test_flowers_are_unpacked_from_an_archive_put_there(downloads: Path) -> None:
    assert "flowers" in list_downloads()
    _pack_flowers(downloads)
    told: list[tuple[int, int]] = []
    root = open_source("flowers", lambda *at: told.append(at))
    listing = scan_folder(root)
    assert listing.classes == ("daisy", "dandelion", "rose", "sunflower", "tulip")
    assert [item.path for item in listing.items][2] == "rose/2_n.jpg"
    assert (root / "LICENSE.txt").read_bytes() == b"CC-BY by somebody"
    assert sorted(path.name for path in downloads.iterdir() if path.is_dir()) == ["flowers"]
    assert told == [(number, 6) for number in range(1, 7)]
    assert str(root) in list_sources() and "flowers" not in list_downloads()
    (downloads / "flower_photos.tgz").unlink()
    assert open_source("flowers") == root  # it stays, without archive and network


def test_flowers_are_attributed_where_they_are_chosen(downloads: Path) -> None:
    for source in ("flowers", str(downloads / "flowers")):
        assert "CC BY 2.0" in find_attribution(source)
    for source in ("creatures", "cifar10", "/my/flowers", str(downloads / "cifar10")):
        assert find_attribution(source) == ""


def test_flowers_reject_another_archive(downloads: Path) -> None:
    archive = _pack_flowers(downloads, folders=FLOWERS[:4])
    with pytest.raises(DatasetError, match=r"not TensorFlow's .*no flower_photos/tulips.*Remove"):
        open_source("flowers")
    archive.write_bytes(archive.read_bytes()[:-30])
    with pytest.raises(DatasetError, match="is not TensorFlow's"):
        open_source("flowers")
    archive.write_bytes(b"<!doctype html>")
    with pytest.raises(DatasetError, match="is not TensorFlow's"):
        open_source("flowers")
    assert not (downloads / "flowers").exists()


def test_flowers_reject_an_archive_that_leads_out_of_its_folder(
    downloads: Path, tmp_path: Path
) -> None:
    _pack_flowers(downloads, "flower_photos/../../../outside.txt")
    with pytest.raises(DatasetError, match=r"is not TensorFlow's .*outside the destination"):
        open_source("flowers")
    assert not list(tmp_path.rglob("outside.txt"))


def test_without_a_network_the_local_choices_are_named(
    downloads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(DatasetError, match=r"no route to host.*use 'creatures', a folder"):
        open_source("oxford-pets")
    with pytest.raises(DatasetError, match=r"no route to host.*or put flower_photos.tgz into"):
        open_source("flowers")
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
    monkeypatch.setenv("ALEXCORE_FOLDER", str(root / "flat"))
    assert list_sources(flat=True) == [str(root / "flat"), *SETS]
    assert list_sources() == list(SETS), "no classes to train on"
    monkeypatch.setenv("ALEXCORE_FOLDER", str(root / "pets"))
    assert list_sources() == [str(root / "pets"), *SETS]


def test_pictures_are_found_by_name_where_a_browser_may_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label in ("cat", "dog"):
        (tmp_path / "pictures" / "pets" / label).mkdir(parents=True)
        (tmp_path / "secret" / label).mkdir(parents=True)
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ALEXCORE_PICTURES", str(tmp_path / "pictures"))
    assert find_folder("pets") == tmp_path / "pictures" / "pets"
    assert find_folder("secret") is None
    assert find_folder("creatures") is None, "not drawn yet"
    folder = get_creatures_folder("creatures-test")
    folder.mkdir(parents=True)
    assert find_folder("creatures") is None and find_folder("creatures", test=True) == folder
