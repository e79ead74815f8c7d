from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from alexcore.errors import CheckpointError
from alexcore.runs.run import Run
from alexcore.runs.snapshots import list_snapshots
from alexcore.training.kernels import load_kernels
from alexcore.weights.snapshots import keep_snapshot, load_snapshots

_CONVOLUTIONS = [f"features.{n}.{kind}" for n in (0, 3, 6, 8, 10) for kind in ("weight", "bias")]


@pytest.fixture
def run(tiny_run: Run, tmp_path: Path) -> Run:
    """A run of two epochs that keeps its start and its end, in a folder that is empty yet."""
    return replace(tiny_run, folder=tmp_path / "run", snapshots=2)


def test_snapshots_hold_the_convolutions_in_little_room(run: Run, half: nn.Module) -> None:
    for epoch in range(3):
        keep_snapshot(run, epoch, half)
    assert list(list_snapshots(run.folder)) == [0, 2], "epoch 1 is not planned"
    assert max(path.stat().st_size for path in list_snapshots(run.folder).values()) <= 1_200_000
    found = load_snapshots(run)[2]
    assert sorted(found) == sorted(_CONVOLUTIONS)
    for key, value in found.items():
        exact = half.state_dict()[key]
        step = 0 if "features.0" in key else float(exact.abs().max()) / 127
        assert float((value - exact).abs().max()) <= step / 2 + 1e-7, key


def test_kernels_of_the_first_layer_are_exact(run: Run, half: nn.Module) -> None:
    keep_snapshot(run, 2, half)
    assert torch.equal(load_kernels(run)[2], half.get_parameter("features.0.weight"))


def test_start_is_drawn_again_from_the_seed(tiny_run: Run, run: Run, half: nn.Module) -> None:
    """The kernels of a run that kept no snapshots, against torch's own layer of that seed."""
    before = torch.get_rng_state()
    kernels = load_kernels(tiny_run)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(tiny_run.config.seed)
    assert torch.equal(kernels[0], nn.Conv2d(3, 48, 11, 4).weight)
    assert list(kernels) == [0, 2]
    assert not torch.equal(kernels[2], kernels[0])


def test_kernels_rejects_a_run_of_figures_alone(run: Run) -> None:
    with pytest.raises(CheckpointError, match="neither weights nor snapshots"):
        load_kernels(run)
