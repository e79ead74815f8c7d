import hashlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from alexcore.datasets.creatures import draw_creature, draw_parts
from alexcore.datasets.folder import FolderListing, scan_folder
from alexcore.errors import DatasetError
from alexcore.features.attribution import compute_heatmap
from alexcore.features.faithfulness import measure_faithfulness
from alexcore.features.focus import compute_share, find_mask, measure_focus, pick_evenly
from alexcore.images.preprocessing import Preprocessing, to_tensor
from alexcore.inference.model import LoadedModel, load_model
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import create_run_source


@pytest.fixture(scope="module")
def half_run() -> LoadedModel:
    source = create_run_source(load_run(SHIPPED_RUNS / "half-b16-s1"))
    return load_model(source, torch.device("cpu"))


def _draw(folder: Path, *names: str) -> FolderListing:
    for name in names:
        species, seed = name.split("-")
        (folder / species).mkdir(exist_ok=True)
        (folder / species / f"{name}.png").write_bytes(draw_creature(species, int(seed)))
    return scan_folder(folder)


def test_share_is_the_positive_mass_within_the_mask() -> None:
    heat = np.array([[3.0, -5.0], [1.0, 0.0]], np.float32)
    mask = np.array([[True, True], [False, True]])
    assert compute_share(heat, mask) == pytest.approx(3 / 4)
    assert math.isnan(compute_share(-np.abs(heat), mask))


def test_focus_is_the_mean_over_crops_and_their_masks(
    half_run: LoadedModel, tmp_path: Path
) -> None:
    seen: list[int] = []
    listing = _draw(tmp_path, "volt-001", "brook-002")
    found = measure_focus(
        half_run, listing, "creatures", on_progress=lambda done, _: seen.append(done)
    )
    shares, areas, curves = [], [], []
    for species, seed in (("volt", 1), ("brook", 2)):
        mask = draw_parts(species, seed)["creature"][14:241, 14:241]  # the middle 227 of 256
        with Image.open(tmp_path / species / f"{species}-{seed:03d}.png") as image:
            x = to_tensor(image, Preprocessing())
        target = half_run.classes.index(species)
        map_ = compute_heatmap(half_run.module, x, target, "Grad-CAM")
        curves.append(measure_faithfulness(half_run.module, x, target, map_))
        heat = torch.from_numpy(map_).relu()
        shares.append(float((heat * torch.from_numpy(mask)).sum() / heat.sum()))
        areas.append(mask.mean())
    assert found.pictures == 2 and seen == [1, 2]
    assert found.share == pytest.approx(np.mean(shares), abs=1e-5)
    assert found.area == pytest.approx(np.mean(areas))
    assert found.deletion == pytest.approx(np.mean([c.deletion_area for c in curves]), abs=1e-5)
    assert found.insertion == pytest.approx(np.mean([c.insertion_area for c in curves]), abs=1e-5)


def test_outputs_without_names_stand_for_the_species(half_run: LoadedModel, tmp_path: Path) -> None:
    names = [f"{species}-001" for species in half_run.classes]
    listing = _draw(tmp_path, *names)
    unnamed = replace(
        half_run,
        source=replace(half_run.source, run=None),
        classes=tuple(f"output {n}" for n in range(5)),
    )
    expected = measure_focus(half_run, listing, "creatures")
    assert measure_focus(unnamed, listing, "creatures") == expected


def test_a_mask_is_known_of_samples_and_of_drawn_pictures_alone() -> None:
    usual = Preprocessing()
    drawn = draw_creature("volt", 7)
    digest = hashlib.sha256(drawn).hexdigest()
    mask = find_mask("volt-007-ab12", digest, usual)
    assert mask is not None
    np.testing.assert_array_equal(mask, draw_parts("volt", 7)["creature"][14:241, 14:241])
    assert find_mask("volt-008-ab12", digest, usual) is None, "another picture's name"
    assert find_mask("holiday-ab12", digest, usual) is None
    sample = find_mask("volt", "", usual)
    assert sample is not None and 0.05 < sample.mean() < 0.6
    assert find_mask("hard-night", "", usual) is None


def test_pictures_are_picked_evenly(tmp_path: Path) -> None:
    listing = _draw(tmp_path, "brook-001", "brook-002", "muse-001", "volt-001", "volt-002")
    assert [item.label for item in pick_evenly(listing, 3).items] == ["brook", "muse", "volt"]
    assert pick_evenly(listing, 9).items == listing.items


def test_focus_rejects_pictures_that_were_not_drawn_so(
    half_run: LoadedModel, tmp_path: Path
) -> None:
    _draw(tmp_path, "volt-001").root.joinpath("volt", "volt-001.png").rename(
        tmp_path / "volt" / "holiday.png"
    )
    with pytest.raises(
        DatasetError, match=r"is not named as a drawn picture is, SPECIES-SEED\.png"
    ):
        measure_focus(half_run, scan_folder(tmp_path), "creatures")
    (tmp_path / "volt").rename(tmp_path / "dragon")
    with pytest.raises(DatasetError, match="half-b16-s1 does not know dragon"):
        measure_focus(half_run, scan_folder(tmp_path), "creatures")
