from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from alexcore.errors import CheckpointError
from alexcore.files import compute_digest
from alexcore.models import create_model
from alexcore.runs.run import Run, load_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.weights.safetensors import load_model, load_weights, save_weights


def test_weights_read_back_exactly(tmp_path: Path) -> None:
    state = create_model("half", hidden=16).state_dict()
    digest = save_weights(tmp_path / "w.safetensors", state)
    assert digest == compute_digest(tmp_path / "w.safetensors")
    read = load_weights(tmp_path / "w.safetensors")
    assert read.keys() == state.keys()
    assert all(torch.equal(read[key], value) for key, value in state.items())


def test_compact_weights_are_close_and_small(tmp_path: Path) -> None:
    state = create_model("half", hidden=512).state_dict()
    save_weights(tmp_path / "full", state)
    save_weights(tmp_path / "compact", state, compact=True)
    sizes = [(tmp_path / name).stat().st_size for name in ("compact", "full")]
    assert sizes[0] < 0.18 * sizes[1]
    read = load_weights(tmp_path / "compact")
    assert read.keys() == state.keys()
    for key, value in state.items():
        assert read[key].dtype == torch.float32 and read[key].shape == value.shape
        if value.ndim < 2:
            assert torch.equal(read[key], value)
        elif value.ndim == 2 and value.numel() >= 2**18:  # half a step of 7 in a block's own range
            _assert_within_half_a_step(read[key], value, levels=7, block=32)
        else:  # half a step of 127 in each output's own range
            _assert_within_half_a_step(read[key], value, levels=127, block=value[0].numel())


def _assert_within_half_a_step(read: Tensor, value: Tensor, levels: int, block: int) -> None:
    blocks = value.flatten(1).unflatten(1, (-1, block))
    step = blocks.abs().amax(dim=2, keepdim=True) / levels
    wrong = (read.flatten(1).unflatten(1, (-1, block)) - blocks).abs()
    assert bool((wrong <= step * 0.505).all())  # the scale itself is rounded to float16
    assert bool((wrong > step * 0.2).any())  # that it is stored so at all


def test_four_bits_keep_the_order_of_neighbours_and_signs(tmp_path: Path) -> None:
    matrix = torch.zeros(512, 512)
    matrix[3, :8] = torch.tensor([7.0, -7.0, 1.0, 0.0, -3.0, 2.0, 0.4, -0.6])
    save_weights(tmp_path / "w", {"weight": matrix}, compact=True)
    read = load_weights(tmp_path / "w")["weight"]
    assert read[3, :8].tolist() == [7, -7, 1, 0, -3, 2, 0, -1]
    assert int(read.count_nonzero()) == 6


def test_load_model_is_ready_to_answer(tiny_run: Run) -> None:
    model = load_model(tiny_run)
    assert not model.training
    assert model(torch.zeros(1, 3, 227, 227)).shape == (1, 5)


def test_load_model_takes_a_run_of_version_0_1(tiny_run: Run, tmp_path: Path) -> None:
    """There the linear layers were classifier.1, 4 and 6."""
    old = replace(tiny_run, folder=tmp_path)
    state = load_weights(tiny_run.weights_file)
    places = {"classifier.0": "classifier.1", "classifier.3": "classifier.4"}
    places["classifier.5"] = "classifier.6"
    renamed = {}
    for key, value in state.items():
        layer, _, kind = key.rpartition(".")
        renamed[f"{places.get(layer, layer)}.{kind}"] = value
    save_weights(old.weights_file, renamed)
    x = torch.randn(1, 3, 227, 227)
    with torch.inference_mode():
        assert torch.equal(load_model(old)(x), load_model(tiny_run)(x))


def test_nets_of_2012_answer_by_the_dropout_of_their_run(tiny_run: Run, tmp_path: Path) -> None:
    torch.manual_seed(0)
    trained = create_model("original", 5, 32, dropout=0.25).eval()
    save_weights(tmp_path / "model.safetensors", trained.state_dict())
    config = replace(tiny_run.config, model="original", dropout=0.25)
    run = replace(tiny_run, folder=tmp_path, model="original", config=config)
    x = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        assert torch.equal(load_model(run)(x), trained(x))


@pytest.mark.parametrize("name", ["full-b16-s1", "half-b16-s1"])
def test_shipped_weights_have_the_articles_keys_and_say_how_they_were_trained(name: str) -> None:
    run = load_run(SHIPPED_RUNS / name)
    assert compute_digest(run.weights_file) == run.weights_digest
    with torch.device("meta"):
        wanted = create_model(run.model, len(run.classes), run.hidden).state_dict()
    assert load_weights(run.weights_file).keys() == wanted.keys()
    assert "dropout before fc6 and fc7; the article's net has it before fc7 alone" in (
        run.weights_note
    )


def test_load_rejects_missing_cut_and_foreign_files(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="only its figures are here"):
        load_weights(tmp_path / "model.safetensors")
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(tiny_run.weights_file.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="damaged or not safetensors"):
        load_weights(cut)
    page = tmp_path / "page.safetensors"
    page.write_text("<!DOCTYPE html><html>not found</html>")
    with pytest.raises(CheckpointError, match="damaged or not safetensors"):
        load_weights(page)


def test_load_model_rejects_weights_of_another_net(tiny_run: Run) -> None:
    with pytest.raises(CheckpointError, match="do not fit full"):
        load_model(replace(tiny_run, model="full"))
