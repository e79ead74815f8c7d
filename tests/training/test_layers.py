"""What ``layers.csv`` says of a run, against the same figures written out with torch alone."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from alexcore.errors import TrainingError
from alexcore.models.layer_names import name_layers
from alexcore.runs.config import TrainConfig
from alexcore.runs.layers import SAMPLED, LayerEpoch, load_layers
from alexcore.runs.run import load_run
from alexcore.training.batches import Share, iterate_centre, iterate_training
from alexcore.training.data import TrainingData, create_targets
from alexcore.training.layers import LayerRecorder
from alexcore.training.loop import TrainingHooks, train
from tests.training.plain import create_plain

_NAMES = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]


def test_rows_equal_the_figures_of_a_plain_loop(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    """One epoch of four steps, of which the first is sampled; dropout off."""
    config = replace(tiny_config, dropout=0.0, epochs=1)
    run = train(config, tiny_data, tmp_path / "run")
    model, optimizer = create_plain(config.seed)
    layers = {name_layers(model)[path]: layer for path, layer in model.named_modules()
              if isinstance(layer, nn.Conv2d | nn.Linear)}  # fmt: skip
    share = Share(torch.device("cpu"))
    targets = create_targets(tiny_data.train, tiny_data.classes)
    gradients, ratios = {}, {}
    for step, (x, y, *_) in enumerate(iterate_training(tiny_data.train, targets, config, 1, share)):
        optimizer.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        before = {name: layer.weight.detach().clone() for name, layer in layers.items()}
        optimizer.step()
        if step == 0:
            for name, layer in layers.items():
                assert layer.weight.grad is not None
                gradients[name] = _norm(layer.weight.grad)
                ratios[name] = _norm(layer.weight - before[name]) / _norm(before[name])
    silent = _count_silent(model, tiny_data, run.preprocessing, share)
    rows = load_layers(run.folder)
    assert [(row.epoch, row.layer) for row in rows] == [(1, name) for name in _NAMES]
    for row in rows:
        assert row.gradient_norm == pytest.approx(gradients[row.layer], rel=1e-3)
        assert row.update_ratio == pytest.approx(ratios[row.layer], rel=1e-3)
        assert row.weight_std == pytest.approx(
            float(layers[row.layer].weight.detach().std()), rel=1e-4
        )
        expected = silent.get(row.layer, math.nan)
        assert row.silent_share == pytest.approx(expected, abs=1e-5, nan_ok=True)
    assert silent["fc7"] > 0, "or the comparison says nothing"


def _norm(values: Tensor) -> float:
    return float(values.detach().square().sum().sqrt())


def _count_silent(model, data, preprocessing, share) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """Return the share of channels without a positive output on the validation pictures."""
    targets = create_targets(data.validation, data.classes)
    x = torch.cat([x for x, _ in iterate_centre(data.validation, targets, preprocessing, share)])
    silent, values = {}, x
    names = name_layers(model)
    with torch.no_grad():
        for path, layer in model.eval().named_modules():
            if path in names:
                if path == "classifier.0":
                    values = values.flatten(1)
                values = layer(values)
                if isinstance(layer, nn.ReLU):
                    fires = (values.flatten(2) if values.ndim == 4 else values[..., None]) > 0
                    label = next(n for n in _NAMES if n[-1] == names[path][-1])
                    silent[label] = 1 - float(fires.any(2).any(0).float().mean())
    return silent


def test_resumed_run_has_the_rows_of_an_undisturbed_one(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    whole = train(tiny_config, tiny_data, tmp_path / "whole")
    asked = iter([False] * 5 + [True])
    hooks = TrainingHooks(should_stop=lambda: next(asked))
    part = train(tiny_config, tiny_data, tmp_path / "part", hooks=hooks)
    assert [row.epoch for row in load_layers(part.folder)] == [1] * 8
    done = train(tiny_config, tiny_data, tmp_path / "part", resume=True)
    theirs = (whole.folder / "layers.csv").read_text()
    assert (done.folder / "layers.csv").read_text() == theirs


def test_a_run_that_diverges_keeps_what_happened_and_says_so(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    config = replace(tiny_config, lr=1e6, lr_drops="")
    with pytest.raises(TrainingError, match="diverged"):
        train(config, tiny_data, tmp_path / "run")
    run = load_run(tmp_path / "run")
    rows = load_layers(run.folder)
    assert run.diverged == rows[-1].epoch and not run.finished and not run.can_resume
    assert max(row.update_ratio for row in rows) > 1, "the first step is far too long"
    assert math.isnan(rows[-1].silent_share), "of weights that are no numbers nothing is known"


class _Two(nn.Module):
    """conv1 and fc2 of an AlexNet that is far too small."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 2, 1)
        self.act = nn.ReLU()
        self.last = nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.last(self.act(self.first(x)).mean((2, 3)))
        return y


def _record(model: nn.Module, steps: int) -> list[LayerEpoch]:
    """Train on ones with losses that grow from step to step; return the rows."""
    fabric = Fabric(accelerator="cpu", devices=1)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.01)
    recorder = LayerRecorder(model, optimizer, fabric)
    for step in range(steps):
        optimizer.zero_grad()
        (model(torch.ones(4, 1, 3, 3)).mean() * (1 + step)).backward()
        optimizer.step()
    with recorder.watching(model):
        model(torch.ones(4, 1, 3, 3))
    return recorder.close_epoch(1)


def test_figures_are_means_over_every_20th_step() -> None:
    """Where activations are 1, the gradient of fc2's two weights is the step's factor, twice."""
    torch.manual_seed(3)
    model = _Two()
    model.first.load_state_dict({"weight": torch.ones(2, 1, 1, 1), "bias": torch.zeros(2)})
    model.first.requires_grad_(False)  # so that the activations stay 1
    conv1, fc2 = _record(model, 2 * SAMPLED + 1)
    factors = [1, 1 + SAMPLED, 1 + 2 * SAMPLED]
    assert fc2.gradient_norm == pytest.approx(math.sqrt(2) * sum(factors) / 3, rel=1e-5)
    assert conv1.gradient_norm == 0 and conv1.update_ratio == 0, "frozen"
    assert conv1.silent_share == 0 and math.isnan(fc2.silent_share)


def test_channels_that_never_fire_are_silent() -> None:
    model = _Two()
    bias = torch.tensor([1.0, -5.0])
    model.first.load_state_dict({"weight": torch.ones(2, 1, 1, 1), "bias": bias})
    assert _record(model, 1)[0].silent_share == 0.5


class _Beside:
    """Another process, which has pictures on which the first of two channels fires."""

    def all_reduce(self, votes: Tensor, reduce_op: str) -> Tensor:
        return votes + torch.tensor([1.0, 0.0])


def test_a_process_without_validation_pictures_brings_its_part_too() -> None:
    model = _Two()
    optimizer = torch.optim.SGD(model.parameters(), 0.01)
    recorder = LayerRecorder(model, optimizer, _Beside())  # type: ignore[arg-type]
    with recorder.watching(model):
        pass
    assert recorder.close_epoch(1)[0].silent_share == 0.5


def test_an_epoch_without_a_step_has_no_figures_of_steps() -> None:
    """With float16 torch's scaler leaves out steps that overflow, perhaps all of them."""
    conv1, fc2 = _record(_Two(), 0)
    assert math.isnan(conv1.gradient_norm) and math.isnan(fc2.update_ratio)
    assert fc2.weight_std > 0


def test_hooks_are_gone_after_watching() -> None:
    model = _Two()
    _record(model, 1)
    assert not model.act._forward_hooks


def test_gradients_scaled_for_float16_are_told_unscaled() -> None:
    """torch's scaler multiplies the loss by 65,536; a fused optimizer divides within its step."""
    rows = []
    for scaled in (False, True):
        torch.manual_seed(0)
        model = _Two()
        optimizer = torch.optim.SGD(model.parameters(), 0.01, fused=True)
        recorder = LayerRecorder(model, optimizer, Fabric(accelerator="cpu", devices=1))
        scaler = torch.amp.GradScaler("cpu", init_scale=65536.0, enabled=scaled)
        scaler.scale(model(torch.ones(4, 1, 3, 3)).mean()).backward()
        scaler.step(optimizer)
        rows.append(recorder.close_epoch(1))
    for plain, scaled_row in zip(*rows, strict=True):
        assert scaled_row.gradient_norm == pytest.approx(plain.gradient_norm, rel=1e-5)
        assert scaled_row.update_ratio == pytest.approx(plain.update_ratio, rel=1e-4)
