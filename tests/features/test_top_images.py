import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from alexcore.datasets.folder import scan_folder
from alexcore.errors import CheckpointError
from alexcore.features.top_images import find_top_images, load_top_images, save_top_images
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_tensor
from alexcore.inference.extract import extract_activations
from alexcore.inference.model import LoadedModel, load_model
from alexcore.models import get_spec
from alexcore.sources import create_untrained_source

NODES = ["features.1", "features.12"]


@pytest.fixture(scope="module")
def half() -> LoadedModel:
    return load_model(create_untrained_source(get_spec("half")), torch.device("cpu"))


def test_top_images_equal_a_look_at_each_picture(
    creatures: Path, half: LoadedModel, tmp_path: Path
) -> None:
    listing = scan_folder(creatures)
    steps: list[tuple[int, int]] = []
    found = find_top_images(listing, half, tmp_path, lambda *at: steps.append(at))
    assert steps[-1] == (30, 30)
    maps = [
        extract_activations(
            half.module, to_tensor(load_image(creatures / path), Preprocessing()), NODES
        )
        for path in found.paths
    ]
    for node in NODES:
        peaks = np.stack([m[node][0].flatten(1).max(1).values.numpy() for m in maps])
        order = np.argsort(-peaks, axis=0, kind="stable")[:9].T
        expected = np.take_along_axis(peaks.T, order, axis=1)
        np.testing.assert_allclose(found.values[node], expected, rtol=1e-3, atol=1e-5)
        for channel in (0, 17):
            index, (y, x) = found.pictures[node][channel][0], found.cells[node][channel][0]
            value = float(maps[index][node][0, channel, y, x])
            assert value == pytest.approx(found.values[node][channel][0], rel=1e-3, abs=1e-5)
        means = np.stack([m[node][0].mean((1, 2)).numpy() for m in maps])
        np.testing.assert_allclose(found.means[node], means, rtol=1e-3, atol=1e-5)


def test_copies_of_a_picture_count_once(creatures: Path, half: LoadedModel, tmp_path: Path) -> None:
    root = Path(shutil.copytree(creatures, tmp_path / "copy"))
    shutil.copy(root / "volt" / "volt-000.png", root / "volt" / "volt-999.png")
    found = find_top_images(scan_folder(root), half, tmp_path / "cache")
    assert len(found.paths) == 30


def test_result_reads_back_and_a_damaged_one_says_so(
    creatures: Path, half: LoadedModel, tmp_path: Path
) -> None:
    found = find_top_images(scan_folder(creatures), half, tmp_path / "cache")
    path = tmp_path / "found.npz"
    assert load_top_images(path) is None
    save_top_images(path, found)
    read = load_top_images(path)
    assert read is not None and read.paths == found.paths
    for kind in ("values", "pictures", "cells", "means"):
        for node in NODES:
            np.testing.assert_array_equal(getattr(read, kind)[node], getattr(found, kind)[node])
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(CheckpointError, match="damaged"):
        load_top_images(path)
