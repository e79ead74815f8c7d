from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alexcore.cli import app
from alexcore.errors import TrainingError
from alexcore.runs.config import create_config
from alexcore.runs.run import Run, save_run
from alexcore.training.experiment import is_over, plan_experiment


def test_plan_makes_every_combination_whole_comparisons_first() -> None:
    plans = plan_experiment(create_config(epochs=3), ["full", "half"], [8, 16], [0, 1])
    assert [plan.run_name for plan in plans] == [
        "full-b8", "full-b16", "half-b8", "half-b16",
        "full-b8-s1", "full-b16-s1", "half-b8-s1", "half-b16-s1",
    ]  # fmt: skip
    assert {plan.epochs for plan in plans} == {3}


def test_experiment_rejects_models_that_cannot_begin_with_the_weights_before_it_reads_pictures(
    tmp_path: Path,
) -> None:
    options = ["--recipe", "finetune", "--data", str(tmp_path / "none"), "--out", str(tmp_path)]
    with pytest.raises(TrainingError, match=r"full, half cannot begin.*\(--models torchvision\)"):
        CliRunner().invoke(app, ["experiment", *options], catch_exceptions=False)


def test_a_run_that_diverged_is_over(tiny_run: Run, tmp_path: Path) -> None:
    assert not is_over(tmp_path) and is_over(tiny_run.folder)
    begun = replace(tiny_run, folder=tmp_path, finished=False)
    save_run(begun)
    assert not is_over(tmp_path)
    save_run(replace(begun, diverged=2))
    assert is_over(tmp_path)
