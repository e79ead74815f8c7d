import shutil
from pathlib import Path

import pytest

from alexcore.datasets.folder import find_copy, scan_folder, split_listing
from alexcore.errors import DatasetError


def test_scan_takes_the_first_folder_as_label(creatures: Path) -> None:
    listing = scan_folder(creatures)
    assert listing.classes == ("brook", "cinder", "muse", "sprig", "volt")
    assert len(listing.items) == 30
    assert listing.items[0].path == "brook/brook-000.png"
    assert listing.duplicates == 0


def test_split_is_a_function_of_content(creatures: Path, tmp_path: Path) -> None:
    for i, path in enumerate(sorted(creatures.glob("*/*.png"), reverse=True)):
        target = tmp_path / path.parent.name / f"renamed-{i}.png"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    ours, theirs = split_listing(scan_folder(creatures)), split_listing(scan_folder(tmp_path))
    assert {i.sha256 for i in ours.validation} == {i.sha256 for i in theirs.validation}
    assert scan_folder(creatures).fingerprint == scan_folder(tmp_path).fingerprint


def test_split_keeps_copies_together_and_counts_them(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "copy"))
    for path in list(root.glob("brook/*.png")):
        shutil.copy(path, path.with_name("again-" + path.name))
    listing = scan_folder(root)
    assert listing.duplicates == 6
    split = split_listing(listing)
    assert not {i.sha256 for i in split.train} & {i.sha256 for i in split.validation}
    digests = [i.sha256 for i in split.validation]
    assert len(digests) == len(set(digests))


def test_split_trains_on_what_stands_in_two_classes(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "copy"))
    torn = root / "brook" / "brook-000.png"
    shutil.copy(torn, root / "volt" / "odd.png")
    listing = scan_folder(root)
    assert len(listing.conflicts) == 1
    split = split_listing(listing, 0.5)
    assert listing.conflicts[0] not in {i.sha256 for i in split.validation}


def test_split_holds_out_the_share_asked_for(creatures: Path) -> None:
    split = split_listing(scan_folder(creatures), 0.34)
    assert len(split.validation) == 5 * 2
    assert len(split.train) == 5 * 4


def test_scan_rejects_missing_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no folder"):
        scan_folder(tmp_path / "gone")
    with pytest.raises(DatasetError, match="holds no pictures"):
        scan_folder(tmp_path)


def test_split_rejects_one_class_and_one_picture(creatures: Path, tmp_path: Path) -> None:
    shutil.copytree(creatures / "brook", tmp_path / "brook")
    with pytest.raises(DatasetError, match="one class only"):
        split_listing(scan_folder(tmp_path))
    (tmp_path / "volt").mkdir()
    shutil.copy(creatures / "volt" / "volt-000.png", tmp_path / "volt")
    with pytest.raises(DatasetError, match="'volt' has 1 distinct"):
        split_listing(scan_folder(tmp_path))


def test_a_copy_is_found_by_its_bytes_alone(creatures: Path, tmp_path: Path) -> None:
    path = creatures / "muse" / "muse-002.png"
    data = path.read_bytes()
    assert find_copy(data, tmp_path, creatures) == path
    assert find_copy(data, creatures / "muse") == path
    assert find_copy(data[:-1] + bytes([data[-1] ^ 1]), creatures) is None
    assert find_copy(b"", creatures, tmp_path / "gone") is None
