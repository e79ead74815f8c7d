from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from alexcore.datasets.creatures import draw_parts
from alexcore.errors import DatasetError
from alexcore.features.dissection import draw_test_pictures, find_units, list_unit_layers
from alexcore.features.overlaps import Overlaps, TopValues, interpolate
from alexcore.features.units import Units, find_units_file, load_units, save_units
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_tensor
from alexcore.inference.extract import extract_activations
from alexcore.inference.model import LoadedModel, load_model
from alexcore.inspection.receptive_field import ReceptiveField
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import create_run_source, find_source


@pytest.fixture(scope="module")
def half_run() -> LoadedModel:
    source = create_run_source(load_run(SHIPPED_RUNS / "half-b16-s1"))
    return load_model(source, torch.device("cpu"))


@pytest.mark.parametrize("count", [7, 201, 5000])
def test_the_threshold_is_numpys_quantile(count: int) -> None:
    values = torch.randn(3, count, generator=torch.Generator().manual_seed(count))
    top = TopValues(count)
    for part in values.split(64, 1):
        top.add(part)
    expected = np.quantile(values.double().numpy(), 0.995, axis=1)
    np.testing.assert_allclose(top.find_threshold(), expected, rtol=1e-6)


def test_iou_of_two_pictures_by_hand() -> None:
    """Above 0.5 the unit has 4 + 3 pixels; it shares 2 + 1 with the eye and 1 with the tail."""
    first = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], np.float32)
    second = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0.5, 0], [0.6, 0.7, 0, 0.8]], np.float32)
    eyes = np.zeros((2, 4, 4), bool)
    eyes[0, 1] = True  # 4 pixels, of which 2 are above
    eyes[1, 3, 2:] = True  # 2, of which 1
    tail = np.zeros((4, 4), bool)
    tail[:2, 0] = [False, True]
    tail[3] = True  # 5 in the second picture alone
    moon = np.zeros((4, 4), bool)
    overlaps = Overlaps(torch.tensor([0.5]), torch.eye(4))
    overlaps.add(torch.from_numpy(first)[None], {"eye": eyes[0]})
    overlaps.add(torch.from_numpy(second)[None], {"tail": tail, "moon": moon, "eye": eyes[1]})
    found = overlaps.compute_ious()
    assert list(found) == ["eye", "moon", "tail"]
    assert found["eye"][0] == pytest.approx(3 / (7 + 6 - 3))
    assert found["tail"][0] == pytest.approx(3 / (7 + 5 - 3))
    assert found["moon"][0] == 0


def test_maps_are_interpolated_between_the_centres_of_their_fields() -> None:
    """Two cells, centred on pixels 2 and 6."""
    weights = interpolate(ReceptiveField(3, 4, 2.0, 6.0), 2, np.arange(9))
    left = [1, 1, 1, 0.75, 0.5, 0.25, 0, 0, 0]
    np.testing.assert_allclose(weights, np.stack([left, 1 - np.array(left)], 1))


def test_units_equal_a_look_at_whole_arrays(
    half_run: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))
    steps: list[tuple[int, int]] = []
    paths = draw_test_pictures(half_run.source, 6)  # two of each species
    assert len(paths) == 10 and paths[1].name == "brook-10001.png"
    units = find_units(half_run, paths, lambda *at: steps.append(at))
    assert steps == [(done, 20) for done in range(1, 21)]
    node, field = list_unit_layers(half_run)["conv5"]
    assert node == half_run.nodes["relu5"]
    maps = np.concatenate([
        extract_activations(half_run.module, to_tensor(load_image(path), Preprocessing()), [node])[
            node
        ].numpy()
        for path in paths
    ])  # fmt: skip
    threshold = np.quantile(maps.transpose(1, 0, 2, 3).reshape(128, -1), 0.995, axis=1)
    np.testing.assert_allclose(units.thresholds["conv5"], threshold, rtol=1e-3, atol=1e-5)
    weights = interpolate(field, 13, np.arange(0, 227, 2))
    shared, above, there = np.zeros(128), np.zeros(128), 0
    for path, values in zip(paths, maps, strict=True):
        species, seed = path.stem.split("-")
        mask = draw_parts(species, int(seed))["creature"][14:241:2, 14:241:2]
        unit = weights @ values @ weights.T > units.thresholds["conv5"][:, None, None]
        shared += (unit & mask).sum((1, 2))
        above += unit.sum((1, 2))
        there += mask.sum()
    found = units.ious["conv5"][:, units.parts.index("creature")]
    np.testing.assert_allclose(found, shared / (above + there - shared), atol=0.002)


def test_units_are_named_counted_and_kept(tmp_path: Path) -> None:
    ious = np.array([[0.01, 0.3], [0.05, 0.02], [0.0, 0.039]], np.float32)
    units = Units(("eye", "moon"), {"conv1": np.arange(3, dtype=np.float32)}, {"conv1": ious})
    assert units.name_unit("conv1", 0) == ("moon", ious[0, 1])
    assert units.name_unit("conv1", 2) == ("no part", ious[2, 1])
    assert units.count_named("conv1") == {"moon": 1, "eye": 1}
    table = units.create_table("conv1")
    assert table["channel"].tolist() == [0, 1, 2]
    assert table["part"].tolist() == ["moon", "eye", "no part"]
    assert table["second part"].tolist() == ["eye", "moon", "eye"]
    assert load_units(tmp_path / "units.npz") is None
    save_units(tmp_path / "units.npz", units)
    read = load_units(tmp_path / "units.npz")
    assert read is not None and read.parts == units.parts
    np.testing.assert_array_equal(read.ious["conv1"], ious)
    np.testing.assert_array_equal(read.thresholds["conv1"], units.thresholds["conv1"])


def test_other_weights_and_other_pictures_lie_in_other_files(half_run: LoadedModel) -> None:
    source = half_run.source
    files = {
        find_units_file(source),
        find_units_file(source, 100),
        find_units_file(replace(source, digest="0" * 64)),
    }
    assert len(files) == 3 and source.digest[:12] in find_units_file(source).name


@pytest.mark.parametrize(
    ("name", "why"),
    [("untrained-half", "comes of no training"), ("pokemon-half-b8", "was trained on pokemon")],
)
def test_units_rejects_a_net_of_other_pictures(name: str, why: str) -> None:
    with pytest.raises(DatasetError, match=rf"{name} {why}\. Take a run on creatures"):
        draw_test_pictures(find_source(name, SHIPPED_RUNS))
