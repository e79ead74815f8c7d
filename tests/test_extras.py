"""Each extra is asked for in one sentence where it is missing; its import is blocked to see it."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from alexcore import extras
from alexcore.cli import app, main
from alexcore.errors import AlexcoreError, GalleryError, ModelError, TrainingError
from alexcore.extras import Extra, describe_install, has_extra
from alexcore.images.preprocessing import Preprocessing
from alexcore.inspection.export import export_onnx
from alexcore.models import create_model
from alexcore.notebook import show_layers
from alexcore.retrieval.projection import Plane, list_projections
from alexcore.retrieval.store import GalleryKey
from alexcore.retrieval.stores import open_store
from alexcore.training.tensorboard import open_events

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MODULES = {"onnx": "onnxscript", "milvus": "pymilvus", "umap": "umap", "auth": "authlib",
           "notebook": "anywidget", "tensorboard": "tensorboard"}  # fmt: skip


def block(monkeypatch: pytest.MonkeyPatch, extra: str) -> str:
    """Let one of its packages be away, and return what the sentence has to hold."""
    monkeypatch.setitem(sys.modules, MODULES[extra], None)
    return re.escape(f'pip install -e ".[{extra}]"')


def read_requirements(name: str) -> set[str]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("-")}


def test_every_extra_of_the_project_is_known_and_tested_with() -> None:
    declared = PROJECT["optional-dependencies"]
    assert set(declared) == set(get_args(Extra)) == set(MODULES)
    assert {line for lines in declared.values() for line in lines} <= read_requirements(
        "requirements-dev.txt"
    )
    assert all(has_extra(name) for name in get_args(Extra))


@pytest.mark.parametrize("extra", ["onnx", "milvus", "umap", "notebook", "tensorboard"])
def test_an_extra_installs_what_it_looks_for(extra: Extra) -> None:
    named = {Requirement(line).name for line in PROJECT["optional-dependencies"][extra]}
    owners, looked_for = packages_distributions(), extras._MODULES[extra]
    assert looked_for and all(named & set(owners[module]) for module in looked_for)


def test_a_matching_pair_of_torch_and_torchvision_is_left_alone() -> None:
    """Any release from the first on suits, builds for another CUDA among them."""
    found = {Requirement(line).name: Requirement(line) for line in
             read_requirements("requirements.txt")}  # fmt: skip
    for name, versions in {
        "torch": ("2.4.0", "2.6.0+cu118", "2.15.0+cpu", "3.0"),
        "torchvision": ("0.19.0", "0.21.0+cu118", "0.29.2", "1.0"),
    }.items():
        assert all(found[name].specifier.contains(version) for version in versions)


def test_an_installed_package_is_asked_for_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "INSTALLED", True)
    assert describe_install("onnx") == 'pip install "alexcore[onnx]"'


def test_onnx_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=block(monkeypatch, "onnx")):
        export_onnx(create_model("half", hidden=8).eval(), 227)


def test_umap_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sentence = block(monkeypatch, "umap")
    assert list_projections() == ["PCA"]
    with pytest.raises(GalleryError, match=sentence):
        Plane(np.zeros((5, 4), np.float32), "UMAP")


def test_milvus_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = GalleryKey("pets", "half-b16", "classifier.5", Preprocessing(), "abc")
    with pytest.raises(GalleryError, match=block(monkeypatch, "milvus")):
        open_store(f"milvus:{tmp_path / 'galleries.db'}", key)


def test_tensorboard_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with (
        pytest.raises(TrainingError, match=block(monkeypatch, "tensorboard")),
        open_events(tmp_path),
    ):
        pass


def test_widgets_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AlexcoreError, match=block(monkeypatch, "notebook")):
        show_layers("untrained-half")


def test_a_command_asks_before_it_does_anything_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    sentence = block(monkeypatch, "tensorboard")
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("sys.argv", ["alexcore", "train", "--tensorboard"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert re.search(sentence, " ".join(capsys.readouterr().err.split()))
    assert not (tmp_path / "data").exists()


def test_a_command_asks_for_milvus(monkeypatch: pytest.MonkeyPatch, creatures: Path) -> None:
    sentence = block(monkeypatch, "milvus")
    arguments = ["embed", "--data", str(creatures), "--galleries", "milvus:x.db"]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, GalleryError)
    assert re.search(sentence, str(result.exception))
