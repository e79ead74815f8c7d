"""A write that fails half-way leaves what was there before, and says so in one line.

The limit on a file's size is the operating system's own refusal, as a full disk's is.
"""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from alexcore.datasets.creatures import create_creatures
from alexcore.datasets.folder import scan_folder
from alexcore.datasets.pixel_cache import load_pixels
from alexcore.errors import (
    CheckpointError,
    DatasetError,
    GalleryError,
    TrainingError,
)
from alexcore.features.top_images import TopImages, load_top_images, save_top_images
from alexcore.images.preprocessing import Preprocessing
from alexcore.retrieval.build import build_gallery
from alexcore.retrieval.store import GalleryKey, load_entries
from alexcore.retrieval.stores import open_store
from alexcore.runs.config import TrainConfig
from alexcore.runs.run import HISTORY_FILE, WEIGHTS_FILE
from alexcore.training.data import TrainingData
from alexcore.training.loop import train


@contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _list_files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def embed(crops: np.ndarray) -> np.ndarray:
    return crops.reshape(len(crops), -1)[:, :2048].astype(np.float32)


def test_a_run_keeps_its_last_whole_epoch(
    tiny_config: TrainConfig, tiny_data: TrainingData, stopped_run: Path
) -> None:
    before = _list_files(stopped_run)
    with disk_full_after(100_000), pytest.raises(TrainingError, match="cannot write"):
        train(tiny_config, tiny_data, stopped_run, resume=True)
    assert _list_files(stopped_run) == before
    run = train(tiny_config, tiny_data, stopped_run, resume=True)
    assert run.finished and {HISTORY_FILE, WEIGHTS_FILE} <= set(_list_files(stopped_run))


def test_a_gallery_keeps_its_last_commit(creatures: Path, tmp_path: Path) -> None:
    pictures = Path(shutil.copytree(creatures, tmp_path / "pictures"))
    key = GalleryKey("pictures", "test", "fc", Preprocessing(32, 32), "0" * 64)
    store = open_store(str(tmp_path / "galleries"), key)
    shutil.move(pictures / "volt", tmp_path / "later")
    build_gallery(store, scan_folder(pictures), embed)
    shutil.move(tmp_path / "later", pictures / "volt")
    before = load_entries(store).embeddings.copy()
    with disk_full_after(5_000), pytest.raises(GalleryError, match="cannot write the gallery"):
        build_gallery(store, scan_folder(pictures), embed)
    np.testing.assert_array_equal(load_entries(store).embeddings, before)
    assert build_gallery(store, scan_folder(pictures), embed).rows == 30


def test_a_decoded_cache_is_whole_or_not_there(creatures: Path, tmp_path: Path) -> None:
    items = scan_folder(creatures).items
    with disk_full_after(500_000), pytest.raises(DatasetError, match="cannot write the decoded"):
        load_pixels(creatures, items, 256, tmp_path / "cache")
    assert not _list_files(tmp_path / "cache")
    assert len(load_pixels(creatures, items, 256, tmp_path / "cache")) == 30


def test_a_drawing_is_whole_or_not_there(tmp_path: Path) -> None:
    with disk_full_after(3_000), pytest.raises(DatasetError, match="cannot draw the set"):
        create_creatures(tmp_path / "creatures", per_species=2)
    assert not [name for name in _list_files(tmp_path) if name.endswith(".png")]


def test_what_drives_a_channel_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "found.npz"
    save_top_images(path, TopImages(("a.png",), {}, {}, {}, {}))
    noise = {"fc": torch.randn(400, 400).numpy()}
    with disk_full_after(10_000), pytest.raises(CheckpointError, match="cannot write"):
        save_top_images(path, TopImages(("b.png",), noise, {}, {}, {}))
    kept = load_top_images(path)
    assert kept is not None and kept.paths == ("a.png",)
    assert list(tmp_path.iterdir()) == [path]
