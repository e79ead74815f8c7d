from dataclasses import replace
from pathlib import Path

import pytest

from alexcore.errors import CheckpointError
from alexcore.runs.disagreement import Disagreement, find_disagreement, load_disagreement
from alexcore.runs.predictions import ValidationPrediction, save_predictions
from alexcore.runs.run import Run


def predict(path: str, predicted: str, probability: float = 0.9) -> ValidationPrediction:
    return ValidationPrediction(path, "", "cat", predicted, probability, 0.1)


def test_pictures_only_one_gets_right_are_the_others_mistakes() -> None:
    left = [predict("a", "cat"), predict("b", "dog"), predict("c", "cat"), predict("d", "dog")]
    right = [predict("d", "cow"), predict("c", "dog", 0.5), predict("b", "cat"),
             predict("a", "cow", 0.8), predict("e", "cat")]  # fmt: skip
    found = find_disagreement(left, right)
    assert found.pictures == 4
    assert [(p.path, p.predicted) for p in found.only_left] == [("a", "cow"), ("c", "dog")]
    assert [(p.path, p.predicted) for p in found.only_right] == [("b", "dog")]


@pytest.mark.parametrize(
    ("left", "right", "p"),
    [
        (0, 0, 1.0),
        (5, 0, 2 / 2**5),
        (1, 9, 2 * (1 + 10) / 2**10),  # both tails: 0 and 1, 9 and 10 of ten tosses
        (6, 6, 1.0),
    ],
)
def test_mcnemar_is_a_coin_toss_over_the_disagreements(left: int, right: int, p: float) -> None:
    wins = tuple(predict(str(i), "dog") for i in range(12))
    assert Disagreement(100, wins[:left], wins[:right]).p_value == pytest.approx(p)


def test_disagreement_rejects_runs_of_other_pictures() -> None:
    with pytest.raises(CheckpointError, match="different pictures"):
        find_disagreement([predict("a", "cat")], [predict("b", "cat")])
    with pytest.raises(CheckpointError, match="different labels for a"):
        find_disagreement([predict("a", "cat")], [replace(predict("a", "cat"), label="dog")])


def test_test_pictures_are_taken_where_both_runs_have_them(tiny_run: Run, tmp_path: Path) -> None:
    left, right = (replace(tiny_run, folder=tmp_path / name) for name in "ab")
    for run, predicted in ((left, "cat"), (right, "dog")):
        save_predictions(run.predictions_file, [predict("old", predicted)])
    with_test = "path,label,predicted,probability,label_probability\nnew,cat,{},0.7,0.2\n"
    left.test_file.write_text(with_test.format("dog"))
    assert [p.path for p in load_disagreement(left, right).only_left] == ["old"]
    assert not load_disagreement(left, right).tested
    right.test_file.write_text(with_test.format("cat"))
    found = load_disagreement(left, right)
    assert [p.path for p in found.only_right] == ["new"] and not found.only_left
    assert found.tested


def test_runs_on_sets_that_name_their_pictures_alike_are_not_compared(tiny_run: Run) -> None:
    other = replace(tiny_run, dataset=tiny_run.dataset | {"fingerprint": "another"})
    assert load_disagreement(tiny_run, tiny_run).pictures
    with pytest.raises(CheckpointError, match="judged by different pictures"):
        load_disagreement(tiny_run, other)
