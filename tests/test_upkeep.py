"""The command line about the installation, and about what it is opened on."""

import json
import os
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from alexcore.cli import app
from alexcore.dashboard import server
from alexcore.errors import CheckpointError
from alexcore.models import create_model
from alexcore.settings import SHIPPED_RUNS, get_first_model, get_opened_folder, get_runs_folder

runner = CliRunner()


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    for name in ("RUNS", "MODEL", "FOLDER"):  # set, so that what a command sets is taken back
        monkeypatch.setenv(f"ALEXCORE_{name}", "")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that the server would have opened."""
    pages: list[str] = []
    monkeypatch.setattr(server, "serve", lambda *given: pages.append(given[-1]))
    return pages


def test_a_folder_of_pictures_opens_on_retrieval(creatures: Path, opened: list[str]) -> None:
    runner.invoke(app, ["dashboard", str(creatures)], catch_exceptions=False)
    assert opened == ["retrieval"] and get_opened_folder() == creatures.resolve()
    runner.invoke(app, ["dashboard", str(creatures / "volt")], catch_exceptions=False)
    assert opened[1:] == ["retrieval"] and get_opened_folder() == (creatures / "volt").resolve()


def test_weights_and_runs_open_on_feature_maps(tmp_path: Path, opened: list[str]) -> None:
    file = tmp_path / "net.pt"
    torch.save(create_model("half", 3, 16).state_dict(), file)
    runner.invoke(app, ["dashboard", str(file)], catch_exceptions=False)
    assert opened == ["feature_maps"] and get_first_model() == str(file)
    run = SHIPPED_RUNS / "half-b16-s1"
    runner.invoke(app, ["dashboard", str(run)], catch_exceptions=False)
    assert opened[1:] == ["feature_maps"]
    assert (get_runs_folder(), get_first_model()) == (SHIPPED_RUNS, "half-b16-s1")
    runner.invoke(app, ["dashboard"], catch_exceptions=False)
    assert opened[2:] == [""]


def test_what_cannot_be_looked_into_is_refused(tmp_path: Path, opened: list[str]) -> None:
    (tmp_path / "notes.txt").write_text("no weights")
    for what, said in (
        (tmp_path, "it is not a folder of pictures"),
        (tmp_path / "nowhere", "it is not a folder of pictures"),
        (tmp_path / "notes.txt", "no weights file"),
    ):
        with pytest.raises(CheckpointError, match=said):
            runner.invoke(app, ["dashboard", str(what)], catch_exceptions=False)
    assert not opened


def test_doctor_says_what_is_here(tmp_path: Path) -> None:
    (tmp_path / "data" / "cache").mkdir(parents=True)
    (tmp_path / "data" / "cache" / "pixels").write_bytes(bytes(2_000))
    report = json.loads(runner.invoke(app, ["doctor", "--json"]).stdout)
    assert report["Installed"]["torch"] == torch.__version__.partition("+")[0]
    assert report["Computing"]["device"].startswith(("CPU", "NVIDIA", "Apple"))
    assert report["Folders"]["data"] == f"{tmp_path / 'data'}, 2.0 kB"
    assert report["Extras"]["onnx"] == "here: ONNX files"
    assert "torchvision" in runner.invoke(app, ["doctor"]).stdout


def test_clean_removes_what_can_be_made_again_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("cache/pixels", "galleries/a.lance/rows", "notes/mine", "digests-1.json"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(bytes(1_000))
    listed = runner.invoke(app, ["clean"], input="n\n").stdout
    assert "Remove 3.0 kB?" in listed and "notes" not in listed
    assert sorted(os.listdir(data)) == ["cache", "digests-1.json", "galleries", "notes"]
    assert runner.invoke(app, ["clean", "notes", "--yes"]).exit_code == 2
    assert "Removed 1.0 kB" in runner.invoke(app, ["clean", "cache", "--yes"]).stdout
    assert sorted(os.listdir(data)) == ["digests-1.json", "galleries", "notes"]
    runner.invoke(app, ["clean", "--yes"])
    assert os.listdir(data) == ["notes"]
    assert "nothing to remove" in runner.invoke(app, ["clean"]).stdout
