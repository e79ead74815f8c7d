"""The test side of a run: judged when it is finished, or later by the command."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss
from torchvision.transforms import v2
from typer.testing import CliRunner, Result

from alexcore.cli import app
from alexcore.datasets.creatures import SETS, create_creatures
from alexcore.datasets.sources import open_test
from alexcore.errors import TrainingError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import normalise, to_tensor
from alexcore.runs.config import TrainConfig
from alexcore.runs.predictions import load_predictions
from alexcore.runs.run import Run, load_run
from alexcore.training.data import load_test, prepare_data
from alexcore.training.evaluate import evaluate_test
from alexcore.training.loop import train
from alexcore.training.publish import ship_figures
from alexcore.weights.safetensors import load_model


@pytest.fixture(scope="module")
def test_side(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sides") / "creatures-test"
    return create_creatures(folder, per_species=3, test=True)


@pytest.fixture(scope="module")
def judged(
    creatures: Path, test_side: Path, tiny_config: TrainConfig,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:  # fmt: skip
    place = tmp_path_factory.mktemp("judged")
    config = replace(tiny_config, epochs=1)
    data = prepare_data(creatures, config, place / "cache", test=test_side)
    return train(config, data, place / "run")


def test_figures_of_the_test_side_equal_scikit_learn(judged: Run, test_side: Path) -> None:
    net = load_model(judged)
    paths = sorted(test_side.glob("*/*.png"))
    x = torch.stack([to_tensor(load_image(p), judged.preprocessing)[0] for p in paths])
    with torch.inference_mode():
        shares = net(x).double().softmax(1).numpy()
    labels = [path.parent.name for path in paths]
    said = [judged.classes[i] for i in shares.argmax(1)]
    assert judged.test is not None and judged.test["pictures"] == 15
    assert judged.test["accuracy"] == pytest.approx(accuracy_score(labels, said), abs=1e-4)
    expected = log_loss(labels, shares, labels=judged.classes)
    assert judged.test["loss"] == pytest.approx(expected, abs=1e-3)
    kept = load_predictions(judged.test_file)
    assert [(a.label, a.predicted) for a in kept] == list(zip(labels, said, strict=True))


def test_a_test_file_is_small(judged: Run) -> None:
    with judged.test_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "label", "predicted", "probability", "label_probability"]
    assert judged.test_file.stat().st_size < 70 * (len(rows) + 1)


def test_a_test_side_is_shipped_and_read_back(judged: Run, tiny_run: Run, tmp_path: Path) -> None:
    copy = ship_figures(judged, tmp_path / "copy")
    assert load_run(copy.folder).test == judged.test
    assert copy.test_file.read_bytes() == judged.test_file.read_bytes()
    assert tiny_run.test is None and load_run(tiny_run.folder).test is None
    assert not ship_figures(tiny_run, tmp_path / "plain").test_file.exists()


def test_test_side_rejects_classes_of_others(judged: Run, test_side: Path, tmp_path: Path) -> None:
    test = load_test(test_side, 256, tmp_path)
    other = replace(judged, classes=("brook", "cinder"), folder=tmp_path)
    with pytest.raises(TrainingError, match="does not know muse, sprig, volt"):
        evaluate_test(other, load_model(judged), test, torch.device("cpu"))


@pytest.fixture
def late(tiny_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run with weights that was not judged, in the runs folder; the test side has 10 pictures."""
    copy = ship_figures(tiny_run, tmp_path / "runs" / "late")
    copy.weights_file.write_bytes(tiny_run.weights_file.read_bytes())
    monkeypatch.setenv("ALEXCORE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(SETS, "creatures", replace(SETS["creatures"], test=2))
    return copy


def _judge(*options: str) -> Result:
    arguments = ["evaluate", "late", "--side", "test", *options]
    return CliRunner().invoke(app, arguments, catch_exceptions=False, env={"COLUMNS": "300"})


def test_evaluate_judges_a_run_that_was_not(late: Run) -> None:
    said = _judge()
    judged = load_run(late.folder)
    assert judged.test is not None and judged.test["pictures"] == 10
    assert len(load_predictions(judged.test_file)) == 10
    assert "of 10 test pictures" in said.stdout


def test_evaluate_over_ten_crops_is_torchvisions_and_is_not_kept(late: Run) -> None:
    said = json.loads(_judge("--crops", "10", "--json").stdout)
    assert load_run(late.folder).test is None
    folder = open_test("creatures")
    assert folder is not None
    steps = v2.Compose([v2.Resize(256), v2.CenterCrop(256), v2.PILToTensor(), v2.FiveCrop(227)])
    net, paths = load_model(late), sorted(folder.glob("*/*.png"))
    fives = [torch.stack(steps(load_image(path))).permute(0, 2, 3, 1) for path in paths]
    crops = [torch.cat([five, five.flip(2)]) for five in fives]
    with torch.inference_mode():
        shares = [net(normalise(ten, late.preprocessing)).double().softmax(1) for ten in crops]
    mean = torch.stack(shares).mean(1).numpy()
    labels = [path.parent.name for path in paths]
    right = accuracy_score(labels, [late.classes[i] for i in mean.argmax(1)])
    assert said["accuracy"] == pytest.approx(right, abs=1e-4)
    assert said["loss"] == pytest.approx(log_loss(labels, mean, labels=late.classes), abs=1e-3)
    assert "10 test pictures over ten crops each" in _judge("--crops", "10").stdout


def test_evaluate_rejects_crops_of_a_gallery() -> None:
    said = CliRunner().invoke(app, ["evaluate", "late", "--crops", "10"], env={"COLUMNS": "300"})
    assert said.exit_code == 2 and "add --side test" in said.stderr


def test_evaluate_says_what_it_found_where_it_cannot_be_kept(late: Run) -> None:
    late.test_file.mkdir()  # root may write everywhere, but no file where a folder is
    said = _judge()
    assert said.exit_code == 0 and "of 10 test pictures" in said.stdout
    assert f"not kept with the run: {late.folder} cannot be written" in " ".join(
        said.stderr.split()
    )
    assert load_run(late.folder).test is None


def test_evaluate_rejects_options_of_a_gallery_with_the_test_side(late: Run) -> None:
    said = _judge("--data", "flowers", "--metric", "cosine")
    assert said.exit_code == 2 and "leave out --data, --metric" in said.stderr


def test_other_sources_have_no_test_side(tmp_path: Path) -> None:
    assert open_test(str(tmp_path)) is None and open_test("cifar10") is None
