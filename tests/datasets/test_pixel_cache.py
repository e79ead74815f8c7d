import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alexcore.datasets.folder import Item, scan_folder
from alexcore.datasets.pixel_cache import load_pixels
from alexcore.errors import DatasetError
from alexcore.images.decode import load_image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name, size in (("a/wide", (90, 40)), ("b/tall", (40, 70)), ("b/square", (32, 32))):
        path = tmp_path / "pictures" / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), np.uint8)).save(path)
    return tmp_path / "pictures"


def test_pixels_equal_pillows_own_resize(folder: Path, tmp_path: Path) -> None:
    items = scan_folder(folder).items
    pixels = load_pixels(folder, items, 32, tmp_path / "cache")
    assert len(pixels) == 3
    for index, item in enumerate(pixels.items):
        image = load_image(folder / item.path)
        size = (72, 32) if "wide" in item.path else (32, 56) if "tall" in item.path else (32, 32)
        theirs = np.asarray(image.resize(size, Image.Resampling.BILINEAR))
        assert np.array_equal(pixels.get(index), theirs)


def test_pixels_are_decoded_once(folder: Path, tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    items = scan_folder(folder).items
    for _ in range(2):
        load_pixels(folder, items, 32, tmp_path / "cache", lambda *at: calls.append(at))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_damaged_cache_is_made_again(folder: Path, tmp_path: Path) -> None:
    items = scan_folder(folder).items
    first = np.array(load_pixels(folder, items, 32, tmp_path / "cache").data)
    (data,) = (tmp_path / "cache").glob("*.u8")
    data.write_bytes(data.read_bytes()[:-5])
    assert np.array_equal(load_pixels(folder, items, 32, tmp_path / "cache").data, first)
    (index,) = (tmp_path / "cache").glob("*.json")
    index.write_text("{")
    assert np.array_equal(load_pixels(folder, items, 32, tmp_path / "cache").data, first)


_READER = """
import sys
from pathlib import Path
from alexcore.datasets.folder import scan_folder
from alexcore.datasets.pixel_cache import load_pixels
root = Path(sys.argv[1])
print("ready", flush=True)
pixels = load_pixels(root, scan_folder(root).items, 32, Path(sys.argv[2]))
print(len(pixels), int(pixels.data.sum()))
"""


def test_two_servers_make_one_cache(creatures: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _READER, str(creatures), str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0].split() for process in both]
    assert answers[0] == answers[1] and answers[0][:2] == ["ready", "30"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".u8"]


def test_unreadable_files_are_named_not_fatal(folder: Path, tmp_path: Path) -> None:
    (folder / "a" / "note.jpg").write_text("not a picture")
    pixels = load_pixels(folder, scan_folder(folder).items, 32, tmp_path / "cache")
    assert [path for path, _ in pixels.unreadable] == ["a/note.jpg"]
    assert "not a picture" in pixels.unreadable[0][1]
    assert len(pixels) == 3


def test_crop_cuts_where_it_is_told(folder: Path, tmp_path: Path) -> None:
    pixels = load_pixels(folder, scan_folder(folder).items, 32, tmp_path / "cache")
    corners = np.array([[0.0, 1.0], [0.5, 0.5]])
    squares = pixels.crop([0, 2], corners, 20)
    wide, tall = pixels.get(0), pixels.get(2)
    assert np.array_equal(squares[0], wide[:20, -20:])
    assert np.array_equal(squares[1], tall[18:38, 6:26])


def test_pixels_reject_a_folder_of_rubbish(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("rubbish")
    with pytest.raises(DatasetError, match="none of the 1 pictures"):
        load_pixels(tmp_path, [Item("x.png", "", "0" * 64)], 32, tmp_path / "cache")
