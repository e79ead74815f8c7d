"""Every step's learning rate against torch's own schedulers."""

from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler

from alexcore.runs.config import create_config
from alexcore.runs.schedule import compute_colour_noise, compute_lr, holds_conv1

STEPS = 7


def _rates(epochs: int, make: Any) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.02)
    scheduler = make(optimizer)
    rates = []
    for _ in range(epochs * STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def _ours(**changes: Any) -> list[float]:
    config = create_config(lr=0.02, **changes)
    return [compute_lr(config, step, STEPS) for step in range(config.epochs * STEPS)]


@pytest.mark.filterwarnings("ignore:The epoch parameter:UserWarning")  # torch's own, of its two
@pytest.mark.parametrize("warmup", [0.0, 1.0, 1.5])
def test_cosine_is_torchs(warmup: float) -> None:
    rise = round(warmup * STEPS)

    def make(optimizer: Any) -> Any:
        fall = lr_scheduler.CosineAnnealingLR(optimizer, 5 * STEPS - rise)
        if not rise:
            return fall
        up = lr_scheduler.LinearLR(optimizer, 0.01, total_iters=rise)
        return lr_scheduler.SequentialLR(optimizer, [up, fall], [rise])

    ours = _ours(schedule="cosine", epochs=5, warmup=warmup)
    assert ours == pytest.approx(_rates(5, make), rel=1e-6, abs=1e-12)
    assert max(ours) == pytest.approx(0.02) and ours[-1] < 0.001


@pytest.mark.parametrize(("warmup", "share"), [(0.0, 0.3), (2.0, 0.4)])
def test_one_cycle_is_torchs(warmup: float, share: float) -> None:
    def make(optimizer: Any) -> Any:
        return lr_scheduler.OneCycleLR(optimizer, 0.02, 5 * STEPS, pct_start=share)

    ours = _ours(schedule="one-cycle", epochs=5, warmup=warmup)
    assert ours == pytest.approx(_rates(5, make), rel=1e-6)
    assert ours[0] == pytest.approx(0.02 / 25) and ours[-1] == pytest.approx(0.02 / 25e4)


def test_step_is_torchs_with_a_warm_up() -> None:
    def make(optimizer: Any) -> Any:
        return lr_scheduler.MultiStepLR(optimizer, [2 * STEPS, 3 * STEPS], 0.1)

    plain = _ours(epochs=5, lr_drops="2:0.002, 3:0.0002")
    assert plain == pytest.approx(_rates(5, make))
    warm = _ours(epochs=5, lr_drops="2:0.002, 3:0.0002", warmup=0.5)
    assert warm[0] == pytest.approx(0.0002) and warm[4:] == plain[4:]


@pytest.mark.parametrize("schedule", ["step", "cosine", "one-cycle"])
@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_the_shortest_runs_have_rates(schedule: str, epochs: int) -> None:
    config = create_config(schedule=schedule, epochs=epochs, lr=0.02, lr_drops="1:0.01")
    for steps in (1, 2, 3):
        rates = [compute_lr(config, step, steps) for step in range(epochs * steps)]
        assert all(0 < rate <= 0.02 for rate in rates)


def test_the_last_epochs_are_a_share_of_the_run() -> None:
    """Of ten epochs a quarter is two, by rounding to even, and a fifth two."""
    config = create_config("paper2012", epochs=10, freeze_conv1=0.2)
    noise = [compute_colour_noise(config, epoch) for epoch in range(1, 11)]
    assert noise == [0.1] * 8 + [0.0] * 2
    assert [epoch for epoch in range(1, 11) if holds_conv1(config, epoch)] == [9, 10]
    whole = create_config("look", epochs=2)
    assert compute_colour_noise(whole, 2) == 0.1 and not holds_conv1(whole, 2)
