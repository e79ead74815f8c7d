import inspect
import io
import json
import re
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import typer
from PIL import Image, ImageSequence
from scipy import stats
from typer.testing import CliRunner

from alexcore.cli import app
from alexcore.cli.console import find_data, progress_shown
from alexcore.errors import CheckpointError, DatasetError
from alexcore.runs.config import RECIPES, Recipe, TrainConfig, create_config
from alexcore.runs.run import Run, load_run
from alexcore.settings import SAMPLE_IMAGES

runner = CliRunner()


def invoke(*arguments: str) -> str:
    result = runner.invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ALEXCORE_RUNS", str(tmp_path / "runs"))


def test_a_bar_shows_once_there_is_something_to_count(
    creatures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert find_data(str(creatures)) == creatures
    assert capsys.readouterr().err.strip() == "", "one's own folder needs no preparing"
    with progress_shown("Drawing") as on_progress:
        on_progress(3, 4)
    assert "Drawing" in (said := capsys.readouterr().err) and "3/4" in said


def test_models_lists_all_variants() -> None:
    names = [spec["name"] for spec in json.loads(invoke("models", "--json"))]
    assert names == [
        "full", "half", "staged", "torchvision", "original", "one_gpu", "original_no_norms",
        "original_2x2_pools", "original_no_exchange", "zfnet",
    ]  # fmt: skip
    assert "zfnet" in invoke("models")


def test_inspect_prints_the_totals() -> None:
    found = json.loads(invoke("inspect", "full", "--classes", "1000", "--hidden", "4096", "--json"))
    assert found["params"] == 62_378_344
    assert found["layers"][0]["out_shape"] == [1, 96, 55, 55]
    assert "fc8" in invoke("inspect", "half")
    found = json.loads(invoke("inspect", "half", "--compare", "full-b8", "--json"))
    assert (found["left"], found["right"]) == ("untrained-half", "full-b8")
    assert [t["ratio"] for t in found["totals"] if t["name"] == "layers"] == [1]


def test_inspect_says_sides_and_zeros() -> None:
    lines = invoke("inspect", "original").splitlines()
    assert lines[-2:] == [
        "sides at 224: 55-27-27-13-13-13-13-6",
        "conv1 reads zeros beyond the 224 pixels: none above or left, 3 rows below and 3 columns "
        "right.",
    ]
    assert invoke("inspect", "torchvision").splitlines()[-1] == (
        "conv1 reads zeros beyond the 224 pixels: 2 rows above and 2 columns left, 1 row below and "
        "1 column right."
    )
    last = invoke("inspect", "full").splitlines()[-1]
    assert last == "conv1 reads no zeros: its windows end within the 227 pixels."


def test_inspect_walks_the_shapes_of_four_pictures() -> None:
    lines = invoke("inspect", "torchvision", "--walk").splitlines()
    assert lines[0].split()[0] == "input" and lines[0].endswith("torch.Size([4, 3, 224, 224])")
    assert lines[1].startswith("features.0 ") and "Conv2d(3, 64, kernel_size=(11, 11)" in lines[1]
    assert lines[-1].endswith("-> torch.Size([4, 1000])")
    sizes = ("--input-size", "231", "--classes", "7", "--hidden", "32", "--batch", "2")
    found = json.loads(invoke("inspect", "full", "--walk", *sizes, "--json"))
    assert found["input_shape"] == [2, 3, 231, 231]
    assert found["walk"][0]["module"] == "features.0"
    assert found["walk"][0]["layer"].startswith("Conv2d(3, 96,")
    assert found["walk"][0]["shape"] == [2, 96, 56, 56]  # (231 - 11) / 4 + 1
    assert [step["shape"] for step in found["walk"]][-2:] == [[2, 32], [2, 7]]


def test_inspect_rejects_a_walk_of_two_nets() -> None:
    result = runner.invoke(app, ["inspect", "full", "--walk", "--compare", "half"])
    assert result.exit_code == 2 and "--walk follows one net" in result.output


def test_error_is_one_message_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from alexcore.cli import main

    monkeypatch.setattr("sys.argv", ["alexcore", "inspect", "full", "--input-size", "224"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    shown = capsys.readouterr().err
    assert "does not fit" in shown and "Traceback" not in shown


def test_train_then_embed_then_search(creatures: Path, tmp_path: Path) -> None:
    folder = Path(
        invoke(
            *("train", "--data", str(creatures), "--batch-size", "8", "--hidden", "32"),
            *("--epochs", "2", "--seed", "1"),
        ).strip()
    )
    assert folder == tmp_path / "runs" / "creatures" / "half-b8-s1"
    run = load_run(folder)
    assert run.finished and run.config.seed == 1
    place = ("--data", str(creatures), "--run", run.name)
    assert json.loads(invoke("embed", *place, "--json"))["rows"] == 25
    query = str(creatures / "volt" / "volt-000.png")
    found = json.loads(invoke("search", query, *place, "-k", "3", "--json"))
    assert len(found) == 3
    assert found == sorted(found, key=lambda row: row["distance"])
    assert json.loads(invoke("embed", *place, "--split", "all", "--json"))["rows"] == 30
    nearest = json.loads(invoke("search", query, *place, "--split", "all", "-k", "1", "--json"))
    assert nearest[0]["path"] == "volt/volt-000.png"
    assert nearest[0]["distance"] < 1e-3


def test_train_has_an_option_for_each_choice_of_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    command = typer.main.get_command(app).commands["train"]  # type: ignore[attr-defined]
    options = {parameter.name: parameter for parameter in command.params}
    for field in fields(TrainConfig):
        described = inspect.getdoc(TrainConfig).split(f"    {field.name}: ")[1].split()[:3]  # type: ignore[union-attr]
        said = options[field.name].help.replace("'", "").split()[:3]
        assert said == [word.replace("`", "") for word in described], field.name
    defaults = {
        "epochs": "150, paper2012 91, quick 12, look 12, finetune 15",
        "flip": "no, paper2012 yes, quick yes, look yes, finetune yes",
        "init": "none, finetune imagenet",
    }
    for name, said in defaults.items():
        assert options[name].help.endswith(f"By default {said}.")
    assert get_args(Recipe) == tuple(RECIPES)
    shown = runner.invoke(app, ["train", "--help"], env={"COLUMNS": "200"}).stdout
    assert "<auto|32-true|bf16-mixed|16-mixed>" in shown
    assert "<article|paper2012|quick|look|finetune>" in shown
    assert re.search(r"--flip +--no-flip +<bool>", shown)
    assert re.search(r"--lr +<float>", shown)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], create_config()),
        (["--recipe", "paper2012"], create_config("paper2012")),
        (["--recipe", "paper2012", "--model", "half"], create_config("paper2012", model="half")),
        (
            ["--recipe", "quick", "--no-flip", "--lr", "0.02", "--precision", "bf16-mixed"],
            create_config("quick", flip=False, lr=0.02, precision="bf16-mixed"),
        ),
    ],
)
def test_options_make_the_configuration_create_config_makes(
    arguments: list[str], expected: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above all, a recipe's own model is not overruled by an option's default."""
    asked: list[TrainConfig] = []

    def note(task: Any, stop: Any) -> bool:
        asked.append(task.config)
        return True

    monkeypatch.setattr("alexcore.cli.training._train_one", note)
    invoke("train", *arguments)
    assert asked == [expected]


@pytest.mark.parametrize("option", [("--precision", "8-bit"), ("--recipe", "x"), ("--model", "x")])
def test_train_rejects_what_is_no_choice(option: tuple[str, str]) -> None:
    result = runner.invoke(app, ["train", *option])
    assert result.exit_code == 2
    assert "is not one of" in result.output


def test_experiment_skips_what_is_done(creatures: Path, tmp_path: Path) -> None:
    options = ("--data", str(creatures), "--models", "half", "--batch-sizes", "4,8")
    first = invoke("experiment", *options, "--epochs", "1").split()
    assert [Path(line).name for line in first] == ["half-b4", "half-b8"]
    assert load_run(Path(first[0])).experiment == "creatures"
    written = (Path(first[0]) / "history.csv").stat().st_mtime_ns
    assert invoke("experiment", *options, "--epochs", "1").split() == first
    assert (Path(first[0]) / "history.csv").stat().st_mtime_ns == written


def test_features_writes_sprites_and_arrays(tiny_run: Run, creatures: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run.folder, tmp_path / "runs" / "tiny")
    picture = str(creatures / "muse" / "muse-002.png")
    out = tmp_path / "out"
    invoke("features", picture, "--run", "tiny", "--nodes", "conv1,pool5,fc7", "--out", str(out))
    with np.load(out / "muse-002.npz") as arrays:
        shapes = {name: arrays[name].shape for name in arrays}
    assert shapes == {"conv1": (48, 55, 55), "pool5": (128, 6, 6), "fc7": (32,)}
    assert (out / "muse-002-conv1.png").exists() and (out / "muse-002-pool5.png").exists()


def test_preview_is_made_and_read(tiny_run: Run, creatures: Path, tmp_path: Path) -> None:
    from alexcore.reports.preview import load_preview

    folder = Path(shutil.copytree(tiny_run.folder, tmp_path / "runs" / "tiny"))
    assert load_preview(folder) is None
    picture = str(creatures / "muse" / "muse-002.png")
    invoke("preview", "tiny", "--picture", picture, "--data", str(creatures))
    preview = load_preview(folder)
    assert preview is not None
    assert len(preview.labels) == 5
    wall = Image.open(io.BytesIO(preview.kernels))
    channels, _, side, _ = next(value.shape for value in _weights(tiny_run) if value.ndim == 4)
    assert wall.size == (16 * (5 * side + 4) - 4, channels // 16 * (5 * side + 4) - 4)
    assert preview.params == sum(int(np.prod(value.shape)) for value in _weights(tiny_run))


def _weights(run: Run) -> list[np.ndarray]:
    from alexcore.weights.safetensors import load_weights

    return [value.numpy() for value in load_weights(run.weights_file).values()]


def test_demo_data_draws_the_samples(tmp_path: Path) -> None:
    lines = invoke("demo-data", "--samples", "--out", str(tmp_path / "s")).split()
    assert len(lines) == 10 and all(Path(line).exists() for line in lines)


def test_finding_says_and_measures_the_same() -> None:
    said = " ".join(invoke("finding", "--difference", "2", "--bound", "5").split())
    found = json.loads(invoke("finding", "--difference", "2", "--bound", "5", "--json"))
    differences = [0.02, -0.01, 0.005]  # by hand from the shipped run.json
    assert found["differences"] == pytest.approx(differences)
    interval = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    assert found["mean"] - found["margin"] == pytest.approx(interval.low)
    assert "3 seeds full minus half is +0.5 ± 3.7 points of validation accuracy" in said
    assert found["seeds"] == 7 and "7 seeds would see a true difference of 2.0 points" in said
    assert found["equivalence"]["verdict"] == "equivalent"
    assert "Equivalent within ±5.0 points" in said
    assert "The paper's authors, 2012: full +1.70 points top-1, +1.23 top-5" in said
    with pytest.raises(CheckpointError, match="there are creatures, pokemon"):
        invoke("finding", "--experiment", "none")


def test_compare_runs_lists_what_only_one_gets_right() -> None:
    lines = invoke("compare-runs", "full-b16", "half-b16").splitlines()
    found = json.loads(invoke("compare-runs", "full-b16", "half-b16", "--json"))
    named = [line.split(":")[0] for line in lines if ": right in " in line]
    assert named == [p["path"] for side in ("only_left", "only_right") for p in found[side]]
    assert len(named) == 13 and found["p_value"] == 1  # 6 against 7
    assert all(0 < error < 0.2 for error in found["calibration_errors"])


def test_ship_copies_figures(tiny_run: Run, tmp_path: Path) -> None:
    shutil.copytree(tiny_run.folder, tmp_path / "runs" / "tiny")
    target = Path(invoke("ship", "tiny", "--to", str(tmp_path / "out"), "--no-weights").strip())
    assert not load_run(target).has_weights


def test_kernels_prints_the_figures_of_a_run_and_draws_its_wall(tmp_path: Path) -> None:
    png = tmp_path / "walls" / "half.png"
    rows = json.loads(invoke("kernels", "half-b16-s1", "--json", "--png", str(png), "--added"))
    assert [row["epoch"] for row in rows] == [0, 40]
    assert rows[1]["median"] == pytest.approx(0.25, abs=0.01)
    assert rows[1]["added_median"] == pytest.approx(0.84, abs=0.01)
    with Image.open(png) as wall:
        assert wall.size == (16 * 59 - 4, 3 * 59 - 4)  # 48 kernels of 11 pixels, 5 times as large
    table = invoke("kernels", "half-b16-s1")
    assert re.search(r"40 +│ 0\.25 +│ 0\.45 +│ 0% +│ 0\.84", table), table


def test_kernels_of_a_net_that_is_no_run_have_no_epoch() -> None:
    (row,) = json.loads(invoke("kernels", "untrained-half", "--json"))
    assert row["epoch"] is None and row["added_median"] is None
    assert abs(row["median"]) < 0.05


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["half-b16-s1", "--epoch", "7"], r"epoch 7 was not kept; there are 0, 40\."),
        (["half-b16-s1", "--epoch", "0", "--added"], "nothing was added"),
        (["untrained-half", "--added"], "nothing was added"),
    ],
)
def test_kernels_rejects_a_wall_that_was_not_kept(
    options: list[str], said: str, tmp_path: Path
) -> None:
    command = ["kernels", *options, "--png", str(tmp_path / "wall.png")]
    with pytest.raises(CheckpointError, match=said):
        runner.invoke(app, command, catch_exceptions=False)


def test_ablate_ranks_a_layers_channels_and_changes_some() -> None:
    asked = ["ablate", str(SAMPLE_IMAGES / "volt.png"), "--model", "half-b16-s1", "--top", "3"]
    found = json.loads(invoke(*asked, "--json"))
    assert found["class"] == "volt" and found["after"] == pytest.approx(found["before"])
    first = found["channels"][0]
    changed = json.loads(invoke(*asked, "--channels", str(first["channel"]), "--json"))
    fell = found["before"]["volt"] - changed["after"]["volt"]
    assert fell == pytest.approx(first["probability"], abs=1e-6)
    sizes = [abs(channel["logit"]) for channel in found["channels"]]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) == 3
    assert "the logit of volt falls by" in invoke(*asked, "--channels", "3,4", "--factor", "2")
    for wrong in (["--channels", "x"], ["--class", "cat"]):
        assert runner.invoke(app, [*asked, *wrong]).exit_code == 2


def test_similarity_prints_the_likest_layers_and_writes_the_matrix(
    tmp_path: Path, creatures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexcore.features.cka.find_folder", lambda name: creatures)
    csv = tmp_path / "similarity.csv"
    found = json.loads(
        invoke("similarity", "half-b16-s1", "half-b16-s1", "--json", "--csv", str(csv))
    )
    assert found["pictures"] == 5 and found["left"] == found["right"]
    assert [row[n] for n, row in enumerate(found["values"])] == pytest.approx(
        [1] * len(found["left"])
    )
    assert len(csv.read_text().splitlines()) == 1 + len(found["left"])


def test_film_writes_a_frame_an_epoch(tmp_path: Path) -> None:
    out = tmp_path / "films" / "volt.gif"
    invoke("film", str(SAMPLE_IMAGES / "volt.png"), "--model", "look-half", "--out", str(out))
    with Image.open(out) as film:
        assert sum(1 for _ in ImageSequence.Iterator(film)) == 5


def test_film_says_that_it_cannot_write_before_it_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alexcore.reports.film.load_moment", lambda *_: pytest.fail("looked"))
    (tmp_path / "file").touch()
    asked = ["film", str(SAMPLE_IMAGES / "volt.png"), "--out", str(tmp_path / "file" / "volt.gif")]
    with pytest.raises(CheckpointError, match=r"cannot write .*; --out names another file"):
        runner.invoke(app, asked, catch_exceptions=False)


def test_units_are_listed_and_counted(tmp_path: Path) -> None:
    asked = ["units", "half-b16-s1", "--layer", "conv2", "--pictures", "10"]
    found = json.loads(invoke(*asked, "--json"))
    assert [*found["named"]] == ["conv1", "conv2", "conv3", "conv4", "conv5"]
    assert len(found["units"]) == 128
    named = [unit for unit in found["units"] if unit["part"] != "no part"]
    assert len(named) == sum(found["named"]["conv2"].values())
    assert all((unit["IoU"] >= 0.04) == (unit in named) for unit in found["units"])
    (file,) = (tmp_path / "data" / "units").iterdir()
    written = file.stat().st_mtime_ns
    assert "second part" in invoke(*asked) and file.stat().st_mtime_ns == written, "kept"
    assert runner.invoke(app, [*asked[:2], "--layer", "fc6", *asked[4:]]).exit_code == 2
    with pytest.raises(DatasetError, match="untrained-half comes of no training"):
        runner.invoke(app, ["units", "untrained-half"], catch_exceptions=False)


def test_explain_tells_how_a_number_comes_about() -> None:
    asked = ["explain", str(SAMPLE_IMAGES / "volt.png"), "--model", "half-b16-s1"]
    found = json.loads(invoke(*asked, "--json", "--top", "3"))
    assert "volt" in found["place"] and found["total"] == pytest.approx(found["recorded"], abs=1e-4)
    source = found["terms"][0]["from"]
    assert source["layer"] == "relu7" and source["cell"] == [0, 0]
    here = ["--layer", "conv3", "--channel", "7", "--cell", "4,5"]
    assert "conv3 channel 7 (4, 5) is the sum of 1,152 products" in invoke(*asked, *here)
    assert runner.invoke(app, [*asked, "--cell", "4"]).exit_code == 2


def test_focus_tells_methods_apart(creatures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alexcore.cli.focus.find_data", lambda _: creatures)
    asked = ("focus", "half-b16-s1", "--methods", "LayerCAM, Grad-CAM", "--pictures", "2")
    rows = json.loads(invoke(*asked, "--json"))
    assert [row["method"] for row in rows] == ["Grad-CAM", "LayerCAM"]
    assert all(row["pictures"] == 2 and 0 < row["share"] < 1 for row in rows)
    told = invoke(*asked)
    assert f"{rows[0]['insertion']:.3f}" in told and "2 validation pictures" in told
    refused = runner.invoke(app, ["focus", "half-b16-s1", "--methods", "guess"])
    assert refused.exit_code == 2 and "no method guess" in refused.output
