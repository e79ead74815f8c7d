from pathlib import Path

import pytest

from alexcore.datasets.folder import find_copy, scan_folder
from alexcore.errors import DatasetError


def test_scan_takes_the_first_folder_as_label(creatures: Path) -> None:
    listing = scan_folder(creatures)
    assert listing.classes == ("brook", "cinder", "muse", "sprig", "volt")
    assert len(listing.items) == 30
    assert listing.items[0].path == "brook/brook-000.png"
    assert listing.duplicates == 0


def test_scan_rejects_missing_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="there is no folder"):
        scan_folder(tmp_path / "gone")
    with pytest.raises(DatasetError, match="holds no pictures"):
        scan_folder(tmp_path)


def test_a_copy_is_found_by_its_bytes_alone(creatures: Path, tmp_path: Path) -> None:
    path = creatures / "muse" / "muse-002.png"
    data = path.read_bytes()
    assert find_copy(data, tmp_path, creatures) == path
    assert find_copy(data, creatures / "muse") == path
    assert find_copy(data[:-1] + bytes([data[-1] ^ 1]), creatures) is None
    assert find_copy(b"", creatures, tmp_path / "gone") is None
