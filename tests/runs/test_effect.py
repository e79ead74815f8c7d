from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats

from alexcore.runs.effect import Effect, choose_measure, compute_effect
from alexcore.runs.run import Run, load_run, save_run
from tests.runs.made_runs import Maker


@pytest.fixture
def make_run(tiny_run: Run) -> Maker:
    return Maker(tiny_run)


def test_effect_equals_a_paired_t_test(make_run: Maker) -> None:
    full, half = [0.95, 0.96, 0.91], [0.90, 0.94, 0.92]
    runs = [make_run("full", 16, s, v) for s, v in enumerate(full)]
    runs += [make_run("half", 16, s, v) for s, v in enumerate(half)]
    effect = compute_effect(runs, "model", "full", "half", "last")
    assert effect is not None and effect.margin is not None
    test = stats.ttest_rel(full, half)
    for level in (0.9, 0.95):
        margin = effect.compute_margin(level)
        assert margin is not None
        interval = test.confidence_interval(level)
        assert effect.mean - margin == pytest.approx(interval.low)
        assert effect.mean + margin == pytest.approx(interval.high)
    assert effect.sign == 0
    assert str(effect) == "+2.0 ± 7.5 points"  # differences 5, 2, -1: 4.303 * 3 / sqrt(3)


def test_batches_of_one_seed_count_as_one_difference(make_run: Maker) -> None:
    runs = [make_run("full", 8, 0, 0.9), make_run("half", 8, 0, 0.8)]
    runs += [make_run("full", 16, 0, 0.7), make_run("half", 16, 0, 0.9)]
    width = compute_effect(runs, "model", "full", "half", "last")
    batch = compute_effect(runs, "batch_size", 8, 16, "last")
    assert width is not None and batch is not None
    assert width.differences == pytest.approx((-0.05,))  # (0.1 - 0.2) / 2
    assert batch.differences == pytest.approx((0.05,))  # (0.2 - 0.1) / 2
    assert width.margin is None and width.spread is None and width.sign == 0
    assert str(width) == "-5.0 points"


def test_a_sure_effect_has_a_sign(make_run: Maker) -> None:
    runs = [make_run("full", 16, s, 0.9 + 0.001 * s) for s in range(3)]
    runs += [make_run("half", 16, s, 0.8) for s in range(3)]
    left = compute_effect(runs, "model", "full", "half", "last")
    right = compute_effect(runs, "model", "half", "full", "last")
    assert left is not None and right is not None
    assert (left.sign, right.sign) == (1, -1)


def test_equal_differences_have_no_spread(make_run: Maker) -> None:
    full, half = [0.965, 0.93, 0.78], [0.935, 0.9, 0.75]  # in floats the three differ
    runs = [make_run("full", 16, s, v) for s, v in enumerate(full)]
    runs += [make_run("half", 16, s, v) for s, v in enumerate(half)]
    effect = compute_effect(runs, "model", "full", "half", "last")
    assert effect is not None and effect.spread == 0 and effect.mean == 0.03


def test_runs_without_a_pair_or_an_end_are_left_out(make_run: Maker) -> None:
    lonely = [make_run("full", 16, 0, 0.9), make_run("half", 8, 0, 0.8)]
    assert compute_effect(lonely, "model", "full", "half", "last") is None
    unfinished = [make_run("full", 16, 0, 0.9), replace(make_run("half", 16, 0, 1), finished=False)]
    assert compute_effect(unfinished, "model", "full", "half", "best") is None


def test_runs_that_differ_in_more_are_no_pair(make_run: Maker) -> None:
    full, half = make_run("full", 16, 0, 0.9), make_run("half", 16, 0, 0.8)
    longer = replace(half, config=replace(half.config, epochs=99))
    elsewhere = replace(half, dataset=half.dataset | {"fingerprint": "another"})
    for other in (longer, elsewhere):
        assert compute_effect([full, other], "model", "full", "half", "last") is None
        found = compute_effect([full, half, other], "model", "full", "half", "last")
        assert found is not None and found.differences == pytest.approx((0.1,))


def test_test_accuracy_counts_where_every_finished_run_has_it(make_run: Maker) -> None:
    runs = [make_run("full", 16, 0, 0.9), make_run("half", 16, 0, 0.8)]
    assert choose_measure(runs) == choose_measure([]) == "last"
    tested = [
        replace(run, test={"accuracy": value, "loss": 0.1, "pictures": 2000})
        for run, value in zip(runs, (0.7, 0.75), strict=True)
    ]
    assert choose_measure([tested[0], runs[1]]) == "last"
    going = replace(make_run("half", 8, 0, 0.1), finished=False)
    assert choose_measure([*tested, going]) == "test"
    effect = compute_effect(tested, "model", "full", "half", "test")
    assert effect is not None and effect.differences == pytest.approx((-0.05,))
    assert compute_effect(runs, "model", "full", "half", "test") is None


def test_effect_rejects_no_differences() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        Effect(())


def test_what_a_test_side_gave_is_kept(make_run: Maker, tmp_path: Path) -> None:
    run = replace(make_run("half", 16, 0, 0.8), folder=tmp_path)
    test = {"accuracy": 0.75, "loss": 0.5, "pictures": 2000}
    save_run(replace(run, test=test))
    assert load_run(tmp_path).test == test
    save_run(run)
    assert load_run(tmp_path).test is None
