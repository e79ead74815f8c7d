import hashlib
from pathlib import Path

import pytest

from alexcore.files import compute_digest, replacing, write_text


def test_replacing_keeps_the_former_file_when_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "kept.txt"
    write_text(path, "before")
    with pytest.raises(OSError, match="full"), replacing(path) as partial:
        partial.write_text("half")
        raise OSError("the disk is full")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_write_makes_the_folder_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    write_text(path, "one")
    write_text(path, "two")
    assert path.read_text() == "two"
    assert list(path.parent.iterdir()) == [path]


def test_digest_is_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert compute_digest(tmp_path / "x") == hashlib.sha256(b"abc").hexdigest()
