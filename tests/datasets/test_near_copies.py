import shutil
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform

from alexcore.datasets.folder import scan_folder
from alexcore.datasets.near_copies import NEAR, find_near_copies, link_near
from alexcore.images.decode import load_image


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "perceptual-1.json"


def test_links_join_what_single_linkage_clusters() -> None:
    """Chains of hashes 20 bits apart among strangers, against scipy's clustering at 48 bits."""
    rng = np.random.default_rng(0)
    bits = [rng.integers(0, 2, 256, np.uint8) for _ in range(150)]
    for place in range(0, 100, 2):
        for _ in range(place % 5):
            link = bits[-1 if rng.random() < 0.5 else place].copy()
            link[rng.choice(256, 20, replace=False)] ^= 1
            bits.append(link)
    rows = np.stack(bits)
    ours = link_near(np.packbits(rows, axis=1).view(np.uint64))
    distances = pdist(rows, "cityblock")
    clusters = fcluster(linkage(distances, "single"), 48, "distance")
    groups = np.arange(len(rows))
    for row, column, distance in zip(*ours, strict=True):
        assert distance == squareform(distances)[row, column] <= 48
        groups[groups == groups[column]] = groups[row]
    np.testing.assert_array_equal(groups[:, None] == groups, clusters[:, None] == clusters)
    assert len(ours[0]) == len(rows) - clusters.max()  # no pair more than it takes


def test_hashes_that_differ_in_every_bit_are_not_near() -> None:
    opposite = np.array([[0] * 4, [2**64 - 1] * 4], np.uint64)
    assert len(link_near(opposite, 255)[0]) == 0
    assert link_near(opposite, 256)[2].tolist() == [256]
    assert len(link_near(np.zeros((0, 4), np.uint64))[0]) == 0


def test_edited_pictures_are_found_and_others_are_not(creatures: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "set"))
    picture = load_image(root / "muse" / "muse-001.png")
    edits = {
        "jpeg.jpg": picture,
        "small.png": picture.resize((97, 101)),
        "bright.webp": ImageEnhance.Brightness(picture).enhance(1.4),
        "grey.png": picture.convert("L"),
    }
    for name, edited in edits.items():
        edited.save(root / "muse" / name, quality=40)
    shutil.copy(root / "muse" / "muse-001.png", root / "muse" / "same.png")
    pairs = find_near_copies(scan_folder(root))
    assert len(pairs) == len(edits)
    found = {pair.first.path for pair in pairs} | {pair.second.path for pair in pairs}
    assert found == {"muse/muse-001.png", *(f"muse/{name}" for name in edits)}
    for pair in pairs:
        hashes = [
            imagehash.phash(load_image(root / item.path), 16) for item in (pair.first, pair.second)
        ]
        assert pair.distance == hashes[0] - hashes[1] <= NEAR
    assert [pair.distance for pair in pairs] == sorted(pair.distance for pair in pairs)


def test_plain_and_unreadable_pictures_are_near_to_nothing(tmp_path: Path) -> None:
    for name, colour in (("a", "red"), ("b", "blue"), ("c", "white")):
        Image.new("RGB", (60, 40), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "d.png").write_bytes(b"no picture")
    (tmp_path / "e.png").write_bytes(b"nor this")
    assert find_near_copies(scan_folder(tmp_path)) == ()


def test_a_content_is_hashed_once(creatures: Path, tmp_path: Path, kept: Path) -> None:
    told: list[tuple[int, int]] = []
    listing = scan_folder(creatures)
    first = find_near_copies(listing, lambda *at: told.append(at))
    assert told == [(done, 30) for done in range(1, 31)]
    moved = scan_folder(Path(shutil.copytree(creatures, tmp_path / "moved")))
    assert find_near_copies(moved, lambda *at: told.append(at)) == first
    assert len(told) == 30
    kept.write_bytes(kept.read_bytes()[:-9])  # damaged, so it is made again
    assert find_near_copies(listing, lambda *at: told.append(at)) == first
    assert len(told) == 60


def test_what_was_hashed_before_a_stop_is_kept(creatures: Path, kept: Path) -> None:
    class Stopped(BaseException):
        pass

    def stop(done: int, total: int) -> None:
        if done == 12:
            raise Stopped

    told: list[tuple[int, int]] = []
    with pytest.raises(Stopped):
        find_near_copies(scan_folder(creatures), stop)
    find_near_copies(scan_folder(creatures), lambda *at: told.append(at))
    assert told[-1] == (18, 18)


def test_drawn_creatures_are_no_near_copies(creatures: Path) -> None:
    assert find_near_copies(scan_folder(creatures)) == ()
