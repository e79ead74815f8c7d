"""What ``auto`` stands for, what the run says of it, and that a resume stays with it."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from alexcore.runs.config import Precision, TrainConfig, restore_config
from alexcore.runs.run import load_run
from alexcore.training.data import TrainingData
from alexcore.training.loop import TrainingHooks, train
from alexcore.training.precision import has_fast_bf16, settle_precision
from alexcore.weights.safetensors import load_weights

CPU = torch.device("cpu")


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="Linux says what its CPU can do")
def test_auto_is_bf16_where_the_cpu_has_it() -> None:
    """Against the kernel's own list of what the CPU has."""
    words = set(Path("/proc/cpuinfo").read_text().split())
    there = bool(words & {"avx512_bf16", "amx_bf16", "bf16"})
    assert has_fast_bf16(CPU) == there
    found = settle_precision(TrainConfig(), CPU).precision
    assert found == ("bf16-mixed" if there else "32-true")


def test_auto_is_float32_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settle_precision(TrainConfig(), torch.device("mps")).precision == "32-true"
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert settle_precision(TrainConfig(), CPU).precision == "32-true"
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert settle_precision(TrainConfig(), CPU).precision == "32-true"


@pytest.mark.parametrize("given", ["32-true", "bf16-mixed"])
def test_auto_equals_what_it_stands_for_and_a_resume_stays_with_it(
    given: Precision,
    tiny_config: TrainConfig,
    tiny_data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Begun on one machine and resumed on one that would have chosen otherwise."""
    features = {"avx512_bf16": given == "bf16-mixed"}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: features, raising=False)
    auto = replace(tiny_config, precision="auto")
    asked = iter([False] * 5 + [True])
    hooks = TrainingHooks(should_stop=lambda: next(asked))
    train(auto, tiny_data, tmp_path / "auto", hooks=hooks)
    assert load_run(tmp_path / "auto").config.precision == given
    features["avx512_bf16"] = given != "bf16-mixed"
    run = train(auto, tiny_data, tmp_path / "auto", resume=True)
    assert run.config.precision == given
    config = replace(tiny_config, precision=given)
    plain = train(config, tiny_data, tmp_path / "plain")
    ours, theirs = load_weights(run.weights_file), load_weights(plain.weights_file)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_a_run_of_before_was_float32() -> None:
    assert restore_config({"batch_size": 8}).precision == "32-true"
