"""Two processes on this machine, started as a user starts them: by torchrun."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from alexcore.runs.history import load_history
from alexcore.runs.run import load_run
from alexcore.weights.safetensors import load_weights


def _train(creatures: Path, out: Path, batch_size: int, processes: int) -> None:
    command = [sys.executable, "-m"]
    if processes > 1:
        command += ["torch.distributed.run", "--nproc-per-node", str(processes), "-m"]
    command += ["alexcore", "train", "--data", str(creatures), "--batch-size", str(batch_size)]
    command += ["--epochs", "3", "--hidden", "32", "--dropout", "0", "--out", str(out)]
    command += ["--lr", "0.05", "--precision", "32-true"]
    environment = os.environ | {
        "ALEXCORE_DATA": str(out.parent / "data"),
        "MASTER_PORT": "0",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_processes_follow_the_curve_of_one(creatures: Path, tmp_path: Path) -> None:
    """Two at batch 12 and one at 24; 25 pictures leave a last batch of one, shared as 1 and 0."""
    _train(creatures, tmp_path / "one", 24, 1)
    _train(creatures, tmp_path / "two", 12, 2)
    one, two = (load_history(tmp_path / name / "history.csv") for name in ("one", "two"))
    assert [row.images_seen for row in two] == [25, 50, 75]
    assert [row.step for row in two] == [row.step for row in one] == [2, 4, 6]
    assert one[0].train_loss - one[-1].train_loss > 0.001
    for ours, theirs in zip(two, one, strict=True):
        assert ours.train_loss == pytest.approx(theirs.train_loss, abs=2e-4)
        assert ours.val_loss == pytest.approx(theirs.val_loss, abs=2e-4)
        assert ours.train_accuracy == pytest.approx(theirs.train_accuracy)
    assert load_run(tmp_path / "two").processes == 2
    weights = [load_weights(tmp_path / name / "model.safetensors") for name in ("one", "two")]
    for key, value in weights[0].items():
        torch.testing.assert_close(weights[1][key], value, rtol=1e-3, atol=1e-4)
