from dataclasses import replace
from pathlib import Path

import pytest
import torch

from alexcore.errors import CheckpointError, TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.runs.run import load_run
from alexcore.runs.snapshots import list_snapshots
from alexcore.training.data import TrainingData
from alexcore.training.distributed import create_fabric
from alexcore.training.kernels import load_kernels
from alexcore.training.loop import TrainingHooks, train, train_run
from alexcore.training.publish import ship_figures, ship_weights
from alexcore.training.record import create_run
from alexcore.weights.safetensors import load_model


def test_shipped_weights_are_small_and_say_what_they_cost(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    run = train(replace(tiny_config, epochs=1), tiny_data, tmp_path / "run")
    copy = ship_weights(run, tmp_path / "shipped" / "run", tiny_data)
    assert copy.weights_file.stat().st_size < run.weights_file.stat().st_size * 0.55
    assert "conv1's kernels exact" in copy.weights_note and "in float32" in copy.weights_note
    ours, theirs = (load_model(one).get_parameter("features.0.weight") for one in (copy, run))
    assert torch.equal(ours, theirs)
    figures = ship_figures(run, tmp_path / "figures")
    assert not figures.has_weights
    assert not list_snapshots(figures.folder)
    for name in ("history.csv", "layers.csv", "validation.csv"):
        assert (figures.folder / name).read_bytes() == (run.folder / name).read_bytes()


def test_shipped_snapshots_leave_out_what_the_seed_and_the_weights_give(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    config = replace(tiny_config, epochs=4)
    fabric = create_fabric(precision=config.precision)
    begun = replace(create_run(config, tiny_data, tmp_path / "run", fabric), snapshots=5)
    run = train_run(begun, tiny_data, fabric, resume=False, hooks=TrainingHooks())
    assert list(list_snapshots(run.folder)) == [0, 1, 2, 3, 4]
    whole = load_kernels(run)
    for count, files in ((None, [1, 2, 3]), (4, [1, 3]), (2, [])):
        copy = ship_weights(run, tmp_path / str(count), tiny_data, count)
        assert list(list_snapshots(copy.folder)) == files
        kernels = load_kernels(copy)
        assert list(kernels) == [0, *files, 4]
        assert all(torch.equal(kernels[epoch], whole[epoch]) for epoch in kernels)
    with pytest.raises(CheckpointError, match="got 1 snapshots; start and end are two"):
        ship_weights(run, tmp_path / "one", tiny_data, 1)
    early = replace(run, last={**(run.last or {}), "epoch": 5})  # its end was not kept
    copy = ship_weights(early, tmp_path / "early", tiny_data)
    assert list(list_snapshots(copy.folder)) == [1, 2, 3, 4]
    fine = replace(run, config=replace(config, init="another"))  # no seed gives its start
    copy = ship_weights(fine, tmp_path / "fine", tiny_data, 2)
    assert list(list_snapshots(copy.folder)) == [0]


def test_ship_copies_what_a_diverged_run_recorded(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    config = replace(tiny_config, epochs=3, lr_drops="1:1e6")
    with pytest.raises(TrainingError, match="diverged"):
        train(config, tiny_data, tmp_path / "run")
    copy = ship_figures(load_run(tmp_path / "run"), tmp_path / "copy")
    assert copy.diverged in (2, 3) and load_run(copy.folder) == copy
    assert sorted(path.name for path in copy.folder.iterdir()) == [
        "history.csv", "layers.csv", "run.json",
    ]  # fmt: skip


def test_ship_rejects_unfinished_and_other_pictures(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    run = train(replace(tiny_config, epochs=1), tiny_data, tmp_path / "run")
    with pytest.raises(CheckpointError, match="not finished"):
        ship_figures(replace(run, finished=False), tmp_path / "copy")
    other = replace(tiny_data, summary=tiny_data.summary | {"fingerprint": "0"})
    with pytest.raises(CheckpointError, match="other pictures"):
        ship_weights(run, tmp_path / "copy", other)
