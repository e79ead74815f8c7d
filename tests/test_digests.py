import hashlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from alexcore.datasets.folder import scan_folder
from alexcore.digests import find_digests
from alexcore.errors import DatasetError
from alexcore.files import compute_digest

LONG_AGO = 1_700_000_000
Count = Callable[[], int]


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "digests-1.json"


@pytest.fixture
def count_hashed(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Counts files that are read since it was last asked."""
    read: list[Path] = []

    def compute_and_note(path: Path) -> str:
        read.append(path)
        return compute_digest(path)

    def count() -> int:
        number = len(read)
        read.clear()
        return number

    monkeypatch.setattr("alexcore.digests.compute_digest", compute_and_note)
    return count


def write(path: Path, data: bytes, changed: int = LONG_AGO) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (changed, changed))
    return path


def find_digest(path: Path) -> str:
    return find_digests([path])[0]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_is_hashed_once(tmp_path: Path, count_hashed: Count) -> None:
    paths = [write(tmp_path / "a" / f"{i}.png", b"%d" % i) for i in range(20)]
    paths += [write(tmp_path / "b" / "0.png", b"0")]
    expected = [digest(path.read_bytes()) for path in paths]
    assert find_digests(paths) == expected and count_hashed() == 21
    assert find_digests(paths) == expected and count_hashed() == 0
    assert find_digest(paths[3]) == expected[3] and count_hashed() == 0


def test_a_changed_file_is_hashed_anew(tmp_path: Path, count_hashed: Count) -> None:
    path = write(tmp_path / "a.png", b"first")
    find_digest(path)
    write(path, b"longer than first")
    assert find_digest(path) == digest(b"longer than first")
    write(path, b"equally long data", LONG_AGO + 1)
    assert find_digest(path) == digest(b"equally long data")
    assert count_hashed() == 3
    os.utime(path, ns=(0, LONG_AGO * 10**9 + 1))
    find_digest(path)
    assert count_hashed() == 1


def test_a_file_changed_just_now_is_not_trusted(tmp_path: Path) -> None:
    """Two writes within one tick of the clock leave the same size and time."""
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    at = path.stat().st_mtime_ns
    assert find_digest(path) == digest(b"one")
    path.write_bytes(b"two")
    os.utime(path, ns=(at, at))
    assert find_digest(path) == digest(b"two")


def test_progress_counts_what_is_known(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{i}.png", b"%d" % i) for i in range(4)]
    find_digests(paths[:3])
    steps: list[tuple[int, int]] = []
    find_digests(paths, lambda *at: steps.append(at))
    assert steps == [(3, 4), (4, 4)]


def test_what_was_hashed_before_a_stop_is_kept(tmp_path: Path, count_hashed: Count) -> None:
    paths = [write(tmp_path / f"{i}.png", b"%d" % i) for i in range(30)]

    def stop(done: int, total: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_digests(paths, stop)
    count_hashed()
    find_digests(paths)
    assert count_hashed() == 20


def test_names_need_not_be_text(tmp_path: Path, count_hashed: Count) -> None:
    try:
        path = write(tmp_path / os.fsdecode(b"caf\xe9.png"), b"x")
    except OSError:
        path = write(tmp_path / "café.png", b"x")  # a file system that takes text only
    assert find_digest(path) == find_digest(path) == digest(b"x")
    assert count_hashed() == 1


@pytest.mark.parametrize("seed", range(40))
def test_damage_of_the_kept_digests_is_harmless(
    tmp_path: Path, kept: Path, count_hashed: Count, seed: int
) -> None:
    """Bytes are overwritten, or the end is cut off; the digests stay right and are kept again."""
    paths = [write(tmp_path / f"{i}.png", b"%d" % i) for i in range(6)]
    expected = find_digests(paths)
    data, rng = bytearray(kept.read_bytes()), random.Random(seed)
    if seed % 2:
        del data[rng.randrange(len(data)) :]
    else:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    kept.write_bytes(data)
    count_hashed()
    assert find_digests(paths) == expected and count_hashed() == 6
    assert find_digests(paths) == expected and count_hashed() == 0


def test_digests_kept_meanwhile_by_others_stay(tmp_path: Path, count_hashed: Count) -> None:
    ours, theirs = (write(tmp_path / name, b"x") for name in ("a.png", "b.png"))
    find_digests([ours], lambda *at: find_digest(theirs))
    count_hashed()
    find_digests([ours, theirs])
    assert count_hashed() == 0


def test_a_data_folder_that_cannot_be_made_only_costs_time(tmp_path: Path) -> None:
    write(tmp_path / "data", b"a file in the place of the folder")
    assert find_digest(write(tmp_path / "a.png", b"x")) == digest(b"x")


def test_a_second_scan_reads_no_picture(tmp_path: Path, count_hashed: Count) -> None:
    for i in range(6):
        write(tmp_path / "set" / ("cat", "dog")[i % 2] / f"{i}.png", b"%d" % i)
    first = scan_folder(tmp_path / "set")
    assert count_hashed() == 6
    assert scan_folder(tmp_path / "set") == first and count_hashed() == 0
    write(tmp_path / "set" / "cat" / "0.png", b"other")
    assert scan_folder(tmp_path / "set").items[0].sha256 == digest(b"other")
    assert count_hashed() == 1


def test_scan_names_a_picture_it_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "cat" / "0.png", b"x")

    def refuse(at: Path) -> str:
        raise PermissionError(13, "Permission denied", str(at))

    monkeypatch.setattr("alexcore.digests.compute_digest", refuse)
    with pytest.raises(DatasetError, match=f"cannot read {path}: Permission denied"):
        scan_folder(tmp_path)
