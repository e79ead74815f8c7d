import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch.utils.tensorboard import SummaryWriter

import alexcore
from alexcore.errors import TrainingError
from alexcore.models import create_model
from alexcore.runs.imported_history import parse_events
from alexcore.runs.logged import list_logged
from alexcore.sources import find_source


def test_any_loop_records_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXCORE_RUNS", str(tmp_path))
    log = alexcore.log_run("mine", batch_size=32, images=100)
    (run,) = list_logged(tmp_path)
    assert not run.finished
    with pytest.raises(TrainingError, match="no epoch yet"):
        run.load()
    log.log(train_loss=1.5, val_acc=40)
    log.log(train_loss=1.0, val_acc=60, lr=0.01)
    rows = run.load()
    assert rows["val_accuracy"].tolist() == [0.4, 0.6], "percent become shares"
    assert rows["step"].tolist() == [4, 8], "a hundred pictures take four steps of 32"
    assert rows["images_seen"].tolist() == [100, 200]
    assert math.isnan(rows["lr"][0]) and rows["lr"][1] == 0.01
    net = create_model("half", num_classes=3, hidden=8)
    folder = log.finish(net)
    assert list_logged(tmp_path)[0].finished
    assert torch.equal(
        load_file(folder / "model.safetensors")["features.0.weight"],
        net.state_dict()["features.0.weight"],
    )
    assert find_source(str(folder / "model.safetensors")).num_classes == 3


def test_what_cannot_be_recorded_is_refused_and_loses_nothing(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="must be letters"):
        alexcore.log_run("../mine", 8, runs=tmp_path)
    with pytest.raises(TrainingError, match="at least 1"):
        alexcore.log_run("mine", 0, runs=tmp_path)
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "run.json").write_text("{}")
    with pytest.raises(TrainingError, match="choose another name"):
        alexcore.log_run("ours", 8, runs=tmp_path)
    with alexcore.log_run("mine", 8, runs=tmp_path) as log:
        log.log(val_loss=1.0)
    with pytest.raises(TrainingError, match="none of them a loss"):
        alexcore.log_run("other", 8, runs=tmp_path).log(speed=3.0)
    found = {run.name: run.finished for run in list_logged(tmp_path)}
    assert found == {"mine": True, "other": False}
    with pytest.raises(ZeroDivisionError), alexcore.log_run("dies", 8, runs=tmp_path) as log:
        log.log(val_loss=1 / 0)
    assert not next(run for run in list_logged(tmp_path) if run.name == "dies").finished


def test_event_files_are_read_into_the_same_columns(tmp_path: Path) -> None:
    """Losses of each step, validation once an epoch: an epoch ends with its validation."""
    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(1, 21):
            writer.add_scalar("train_loss", 2 - step / 20, step)
            if step % 10 == 0:
                writer.add_scalar("val_acc", step / 40, step)
    (file,) = tmp_path.glob("*tfevents*")
    rows = parse_events(file.read_bytes(), 4)
    assert rows["epoch"].tolist() == [1, 2] and rows["images_seen"].tolist() == [40, 80]
    assert rows["train_loss"].tolist() == pytest.approx([1.5, 1.0])
    assert rows["val_accuracy"].tolist() == pytest.approx([0.25, 0.5])
    for data in (b"", b"no events\n", file.read_bytes()[:40]):
        with pytest.raises(TrainingError, match="no event file"):
            parse_events(data, 4)
