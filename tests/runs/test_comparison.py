from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from alexcore.runs.comparison import compute_effect, find_differences, summarise_configurations
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run


@pytest.fixture
def make_run(tiny_run: Run) -> "Maker":
    return Maker(tiny_run)


class Maker:
    def __init__(self, base: Run) -> None:
        self.base = base

    def __call__(self, model: str, batch: int, seed: int, last: float, best: float = 1.0) -> Run:
        config = replace(self.base.config, model=model, batch_size=batch, seed=seed)
        name = f"{model}-b{batch}-s{seed}"
        figures = [{"epoch": 1, "val_accuracy": v, "val_loss": 0.0} for v in (best, last)]
        return replace(
            self.base, folder=Path(name), model=model, config=config, best=figures[0],
            last=figures[1], finished=True,
        )  # fmt: skip


def test_effect_equals_a_paired_t_test(make_run: Maker) -> None:
    full, half = [0.95, 0.96, 0.91], [0.90, 0.94, 0.92]
    runs = [make_run("full", 16, s, v) for s, v in enumerate(full)]
    runs += [make_run("half", 16, s, v) for s, v in enumerate(half)]
    effect = compute_effect(runs, "model", "full", "half", "last")
    assert effect is not None and effect.half_width is not None
    interval = stats.ttest_rel(full, half).confidence_interval(0.95)
    assert effect.mean - effect.half_width == pytest.approx(interval.low)
    assert effect.mean + effect.half_width == pytest.approx(interval.high)
    assert effect.sign == 0


def test_batches_of_one_seed_count_as_one_difference(make_run: Maker) -> None:
    runs = [make_run("full", 8, 0, 0.9), make_run("half", 8, 0, 0.8)]
    runs += [make_run("full", 16, 0, 0.7), make_run("half", 16, 0, 0.9)]
    width = compute_effect(runs, "model", "full", "half", "last")
    batch = compute_effect(runs, "batch_size", 8, 16, "last")
    assert width is not None and batch is not None
    assert width.differences == pytest.approx((-0.05,))  # (0.1 - 0.2) / 2
    assert batch.differences == pytest.approx((0.05,))  # (0.2 - 0.1) / 2
    assert width.half_width is None and width.sign == 0


def test_a_sure_effect_has_a_sign(make_run: Maker) -> None:
    runs = [make_run("full", 16, s, 0.9 + 0.001 * s) for s in range(3)]
    runs += [make_run("half", 16, s, 0.8) for s in range(3)]
    left = compute_effect(runs, "model", "full", "half", "last")
    right = compute_effect(runs, "model", "half", "full", "last")
    assert left is not None and right is not None
    assert (left.sign, right.sign) == (1, -1)


def test_runs_without_a_pair_or_an_end_are_left_out(make_run: Maker) -> None:
    lonely = [make_run("full", 16, 0, 0.9), make_run("half", 8, 0, 0.8)]
    assert compute_effect(lonely, "model", "full", "half", "last") is None
    unfinished = [make_run("full", 16, 0, 0.9), replace(make_run("half", 16, 0, 1), finished=False)]
    assert compute_effect(unfinished, "model", "full", "half", "best") is None


def test_kinds_are_summarised_by_hand(make_run: Maker) -> None:
    runs = [make_run("full", 16, seed, 0.0) for seed in (0, 1)]
    accuracies = {runs[0].name: [0.5, 0.9, 0.8], runs[1].name: [0.4, 0.6, 0.6]}
    histories = {
        name: [
            Epoch(i + 1, 0, 100 * (i + 1), 10.0 * (i + 1), 0.1, 0.0, 0.95, 0.0, value)
            for i, value in enumerate(values)
        ]
        for name, values in accuracies.items()
    }
    (found,) = summarise_configurations(runs, histories, 0.85)
    assert (found.seeds, found.reached, found.epochs, found.images) == (2, 1, 2, 200)
    assert found.last == pytest.approx(0.7) and found.best == pytest.approx(0.75)
    assert found.last_spread == pytest.approx(np.std([0.8, 0.6], ddof=1))
    assert found.gap == pytest.approx(0.95 - np.mean([0.5, 0.9, 0.8, 0.4, 0.6, 0.6]))
    assert found.seconds == 30


def test_only_settings_that_differ_are_named(make_run: Maker) -> None:
    runs = [make_run("full", 16, 0, 0.9), make_run("half", 16, 0, 0.9)]
    assert find_differences(runs) == {"model": {"full-b16-s0": "full", "half-b16-s0": "half"}}
