from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alexcore.datasets.folder import scan_folder
from alexcore.retrieval.pictures import Pictures, list_pictures, list_queries
from alexcore.runs.run import Run
from alexcore.sources import create_run_source


def test_training_side_and_queries_are_those_of_the_run(creatures: Path, tiny_run: Run) -> None:
    """The run's own list of what it was validated with says which pictures are which."""
    rule = create_run_source(tiny_run).split_rule
    everything = {item.path for item in scan_folder(creatures).items}
    validated = {item.path for item in list_queries(creatures, rule).items}
    training = {item.path for item in Pictures(str(creatures)).open(rule).items}
    lines = tiny_run.predictions_file.read_text(encoding="utf-8").splitlines()
    assert validated == {line.split(",")[0] for line in lines[1:]}
    assert training == everything - validated
    assert {i.path for i in Pictures(str(creatures), "all").open(rule).items} == everything


def test_the_key_tells_node_weights_and_side_apart(tiny_run: Run) -> None:
    source = create_run_source(tiny_run)
    key = Pictures("somewhere/pets").create_key(source, "classifier.4")
    assert (key.dataset, key.model, key.node, key.split) == (
        "pets", source.name, "classifier.4", "train"
    )  # fmt: skip
    others = (
        Pictures("somewhere/pets", "all").create_key(source, "classifier.4"),
        Pictures("somewhere/pets").create_key(source, "classifier.1"),
        Pictures("somewhere/pets").create_key(replace(source, digest="other"), "classifier.4"),
    )
    assert len({key.name, *(other.name for other in others)}) == 4


def test_a_model_is_asked_about_the_training_side_of_its_own_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tiny_run: Run
) -> None:
    for label in ("cat", "dog"):
        (tmp_path / "pets" / label).mkdir(parents=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "pets" / label / "a.png")
    monkeypatch.setenv("ALEXCORE_PICTURES", str(tmp_path))
    source = create_run_source(tiny_run)
    titles = list(list_pictures(source))
    assert titles[0] == "creatures-train" and titles[-1] == "pets"
    theirs = replace(source, run=replace(tiny_run, dataset=tiny_run.dataset | {"name": "pets"}))
    assert list(list_pictures(theirs))[-1] == "pets-train"
