from dataclasses import replace

import numpy as np
import pytest

from alexcore.runs.comparison import find_differences, summarise_configurations
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run
from tests.runs.made_runs import Maker


@pytest.fixture
def make_run(tiny_run: Run) -> Maker:
    return Maker(tiny_run)


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
    wild = replace(make_run("full", 16, 2, 0.2), diverged=2)
    histories[wild.name] = histories[runs[0].name][:1]
    (found,) = summarise_configurations([*runs, wild], histories, 0.85)
    assert (found.seeds, found.reached, found.epochs, found.images) == (2, 1, 2, 200)
    assert found.last == pytest.approx(0.7) and found.best == pytest.approx(0.75)
    assert found.last_spread == pytest.approx(np.std([0.8, 0.6], ddof=1))
    assert found.gap == pytest.approx(0.95 - np.mean([0.5, 0.9, 0.8, 0.4, 0.6, 0.6]))
    assert found.seconds == 30


def test_only_settings_that_differ_are_named(make_run: Maker) -> None:
    runs = [make_run("full", 16, 0, 0.9), make_run("half", 16, 0, 0.9)]
    assert find_differences(runs) == {"model": {"full-b16-s0": "full", "half-b16-s0": "half"}}
