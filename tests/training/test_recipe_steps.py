"""What a serious recipe does in each step, against the same steps written out with torch alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional
from torch.optim import lr_scheduler

from alexcore.errors import CheckpointError
from alexcore.runs.config import TrainConfig, create_config
from alexcore.runs.history import Epoch, load_history
from alexcore.training.batches import Share, iterate_training
from alexcore.training.data import TrainingData, create_targets, prepare_data
from alexcore.training.evaluate import evaluate
from alexcore.training.first_weights import create_net
from alexcore.training.loop import TrainingHooks, measure_roughness, train
from alexcore.weights.safetensors import load_model, load_weights


@pytest.fixture(scope="module")
def config() -> TrainConfig:
    """Everything at once, on the one net that takes small pictures."""
    return create_config(
        "look", model="torchvision", hidden=32, crop=64, resize=72, batch_size=8, epochs=3,
        lr=0.01, warmup=0.5, average=0.8, label_smoothing=0.2, jitter=0.2, dropout=0.0,
        conv1_std=0.01, weight_decay=0.01, bias_weight_decay=0.0, precision="32-true",
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(
    creatures: Path, config: TrainConfig, tmp_path_factory: pytest.TempPathFactory
) -> TrainingData:
    """25 training pictures, so four steps an epoch."""
    return prepare_data(creatures, config, tmp_path_factory.mktemp("small"))


def test_train_equals_a_plain_loop_with_everything_on(
    config: TrainConfig, data: TrainingData, tmp_path: Path
) -> None:
    """Torch's schedulers and groups, its smoothed loss, and a mean of the weights by hand."""
    run = train(config, data, tmp_path / "run")
    model = create_net(config, 5).to(memory_format=torch.channels_last)
    weights = [p for name, p in model.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    groups = [{"params": weights, "weight_decay": 0.01}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, 0.01, momentum=0.9)
    up = lr_scheduler.LinearLR(optimizer, 0.01, total_iters=2)
    fall = lr_scheduler.CosineAnnealingLR(optimizer, 10)
    targets = create_targets(data.train, data.classes)
    mean = [parameter.detach().clone() for parameter in model.parameters()]
    conv1, step = next(model.parameters()), 0
    for epoch in (1, 2, 3):
        for x, y, *_ in iterate_training(
            data.train, targets, config, epoch, Share(torch.device("cpu"))
        ):
            loss = functional.cross_entropy(model(x), y, label_smoothing=0.2)
            across, down = conv1[..., 1:] - conv1[..., :-1], conv1[:, :, 1:] - conv1[:, :, :-1]
            loss = loss + 5e-3 * ((across**2).sum() + (down**2).sum())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            (up if step < 2 else fall).step()
            step += 1
            for average, parameter in zip(mean, model.parameters(), strict=True):
                share = 0.8 if step > 1 else 0.0  # the first step's weights are the first mean
                average.mul_(share).add_(parameter.detach(), alpha=1 - share)
    assert step == 12
    ours = load_weights(run.weights_file)
    for (key, last), average in zip(model.named_parameters(), mean, strict=True):
        torch.testing.assert_close(ours[key], average, rtol=1e-3, atol=1e-5)
        assert not torch.allclose(ours[key], last, rtol=1e-3, atol=1e-5), key
    assert "mean over its steps" in run.weights_note


def test_what_is_judged_is_what_is_kept(
    config: TrainConfig, data: TrainingData, tmp_path: Path
) -> None:
    run = train(config, data, tmp_path / "run")
    share = Share(torch.device("cpu"))
    loss, accuracy = evaluate(
        load_model(run), data.validation, data.classes, run.preprocessing, share
    )
    last = load_history(run.history_file)[-1]
    assert (last.val_loss, last.val_accuracy) == pytest.approx((loss, accuracy), abs=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"schedule": "cosine"},
        {"schedule": "one-cycle"},
        {"schedule": "step", "lr_drops": "1:0.002,2:0.0005", "bias_lr": 2.0, "velocity": True,
         "freeze_conv1": 0.4, "colour_noise_by": "roots", "colour_noise_off": 0.4},
    ],
)  # fmt: skip
def test_a_resumed_run_equals_an_undisturbed_one_bit_for_bit(
    changes: dict[str, Any], config: TrainConfig, data: TrainingData, tmp_path: Path
) -> None:
    """With dropout, crops, colours, groups and the mean of the weights; rates that fall between."""
    config = replace(config, dropout=0.5, **changes)
    whole = train(config, data, tmp_path / "whole")
    asked = iter([False] * 9 + [True])
    hooks = TrainingHooks(should_stop=lambda: next(asked))
    part = train(config, data, tmp_path / "part", hooks=hooks)
    assert len(load_history(part.history_file)) == 2
    done = train(config, data, tmp_path / "part", resume=True)
    ours, theirs = load_weights(done.weights_file), load_weights(whole.weights_file)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    lrs = [[row.lr for row in load_history(run.history_file)] for run in (whole, done)]
    assert lrs[0] == lrs[1] and len(set(lrs[0])) == 3


def test_roughness_by_hand() -> None:
    kernels = torch.zeros(1, 1, 2, 3)
    kernels[0, 0] = torch.tensor([[1.0, 2.0, 4.0], [1.0, 0.0, 0.0]])
    # Across: 1 + 4 and 1 + 0. Down: 0 + 4 + 16.
    assert float(measure_roughness(kernels)) == 26.0


@pytest.mark.parametrize(
    ("accuracies", "patience", "epochs"),
    [([0.5, 0.6, 0.6, 0.5, 0.9], 2, 4), ([0.5, 0.6, 0.6, 0.7, 0.9], 2, 5), ([0.9] * 5, 0, 5)],
)
def test_a_run_ends_when_it_no_longer_gets_better(
    accuracies: list[float],
    patience: int,
    epochs: int,
    config: TrainConfig,
    data: TrainingData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An epoch that is as good as the best is no better."""
    figures = iter(accuracies)
    monkeypatch.setattr("alexcore.training.loop.evaluate", lambda *_: (1.0, next(figures)))
    rows: list[Epoch] = []
    config = replace(config, epochs=5, patience=patience)
    run = train(config, data, tmp_path / "run", hooks=TrainingHooks(on_epoch=rows.append))
    assert run.finished and len(rows) == epochs
    assert run.best is not None and run.best["val_accuracy"] == max(accuracies[:epochs])


@pytest.mark.parametrize("changes", [{}, {"schedule": "step", "colour_noise_off": 0.25}])
def test_the_number_of_epochs_is_fixed_where_something_depends_on_it(
    changes: dict[str, Any], config: TrainConfig, data: TrainingData, tmp_path: Path
) -> None:
    config = replace(config, **changes)
    asked = iter([False] * 5 + [True])
    train(config, data, tmp_path / "run", hooks=TrainingHooks(should_stop=lambda: next(asked)))
    with pytest.raises(CheckpointError, match="started otherwise: epochs differ"):
        train(replace(config, epochs=9), data, tmp_path / "run", resume=True)
