import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from alexcore.errors import CheckpointError
from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.run import RUN_FILE, Run, find_run, list_runs, load_run, save_run


def test_run_reads_back_and_tells_its_best(tiny_run: Run) -> None:
    assert load_run(tiny_run.folder) == tiny_run
    assert tiny_run.best is not None and tiny_run.last is not None
    assert tiny_run.last["epoch"] == 2
    assert tiny_run.best["val_accuracy"] >= tiny_run.last["val_accuracy"]


def test_list_names_damaged_runs_and_keeps_the_others(tiny_run: Run, tmp_path: Path) -> None:
    shutil.copytree(tiny_run.folder, tmp_path / "good")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / RUN_FILE).write_text("{")
    runs, troubles = list_runs(tmp_path)
    assert [run.name for run in runs] == ["good"]
    assert len(troubles) == 1 and "bad" in troubles[0]


def test_a_run_does_not_hide_another_of_its_name(tiny_run: Run, tmp_path: Path) -> None:
    roots = [tmp_path / "mine", tmp_path / "shipped"]
    for root in roots:
        shutil.copytree(tiny_run.folder, root / "half-b16")
    runs, troubles = list_runs(*roots)
    assert not troubles
    assert {run.name: run.folder for run in runs} == {
        "half-b16": roots[0] / "half-b16",
        "shipped/half-b16": roots[1] / "half-b16",
    }
    assert find_run("half-b16", *roots).folder == roots[0] / "half-b16"
    assert find_run("shipped/half-b16", *roots) == runs[1]


def test_find_takes_a_name_or_a_path(tiny_run: Run, tmp_path: Path) -> None:
    assert find_run("tiny", tiny_run.folder.parent) == tiny_run
    assert find_run(str(tiny_run.folder)) == tiny_run
    with pytest.raises(CheckpointError, match="no run 'gone'; there are tiny"):
        find_run("gone", tiny_run.folder.parent)


def test_load_rejects_missing_and_later_formats(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is no run"):
        load_run(tmp_path)
    record = json.loads((tiny_run.folder / RUN_FILE).read_text())
    (tmp_path / RUN_FILE).write_text(json.dumps(record | {"format": 99}))
    with pytest.raises(CheckpointError, match="format 99; this version reads 1"):
        load_run(tmp_path)
    del record["preprocessing"]
    (tmp_path / RUN_FILE).write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match="damaged"):
        load_run(tmp_path)


def test_load_reads_preprocessing_under_the_word_of_version_0_1(
    tiny_run: Run, tmp_path: Path
) -> None:
    record = json.loads((tiny_run.folder / RUN_FILE).read_text())
    record["preset"] = record.pop("preprocessing") | {"crop": 64, "resize": 80}
    (tmp_path / RUN_FILE).write_text(json.dumps(record))
    assert load_run(tmp_path).preprocessing == Preprocessing(64, 80)


def test_load_takes_configurations_of_earlier_and_later_versions(
    tiny_run: Run, tmp_path: Path
) -> None:
    record = json.loads((tiny_run.folder / RUN_FILE).read_text())
    for name in ("model", "hidden", "crop", "compile", "processes"):
        del record["config"][name]
    record["config"]["warmth"] = 3
    (tmp_path / RUN_FILE).write_text(json.dumps(record))
    assert load_run(tmp_path).config == tiny_run.config
    assert load_run(tmp_path).processes == 1


def test_load_names_a_configuration_it_cannot_train(tiny_run: Run, tmp_path: Path) -> None:
    record = json.loads((tiny_run.folder / RUN_FILE).read_text())
    for wrong, why in (({"model": "vgg"}, "no model 'vgg'"), ({"epochs": 0}, "got epochs=0")):
        (tmp_path / RUN_FILE).write_text(json.dumps(record | {"config": record["config"] | wrong}))
        with pytest.raises(CheckpointError, match=f"cannot train: .*{why}"):
            load_run(tmp_path)
    (tmp_path / RUN_FILE).write_text(json.dumps(record | {"config": 3}))
    with pytest.raises(CheckpointError, match="damaged"):
        load_run(tmp_path)


def test_processes_are_kept_beside_the_configuration(tiny_run: Run, tmp_path: Path) -> None:
    """Files of before the two were told apart hold them in one object, and so do ours."""
    save_run(replace(tiny_run, folder=tmp_path, processes=4))
    record = json.loads((tmp_path / RUN_FILE).read_text())
    assert record["config"] == tiny_run.config.to_dict() | {"processes": 4}
    assert load_run(tmp_path).processes == 4
