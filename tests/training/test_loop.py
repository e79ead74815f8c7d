import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from alexcore.errors import CheckpointError, TrainingError
from alexcore.images.preprocessing import normalise
from alexcore.models import create_model
from alexcore.runs.config import TrainConfig, create_config
from alexcore.runs.history import Epoch, load_history
from alexcore.runs.layers import load_layers
from alexcore.runs.run import RESUME_FILE, Run, load_run
from alexcore.training.batches import Share, iterate_training
from alexcore.training.crops import create_resident_cropper
from alexcore.training.data import TrainingData, create_targets, prepare_data
from alexcore.training.loop import TrainingHooks, train
from alexcore.training.publish import ship_figures, ship_weights
from alexcore.weights.safetensors import load_model, load_weights
from tests.training.plain import create_plain
from tests.waiting import wait_for


def test_train_leaves_a_run(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    rows: list[Epoch] = []
    steps: list[tuple[int, int, float]] = []
    hooks = TrainingHooks(lambda *at: steps.append(at), rows.append)
    run = train(tiny_config, tiny_data, tmp_path / "run", hooks=hooks)
    assert run.finished
    assert load_run(tmp_path / "run") == run
    assert not (tmp_path / "run" / RESUME_FILE).exists()
    # 25 training pictures in batches of 8: four steps an epoch, the last of one picture.
    assert [(r.epoch, r.step, r.images_seen) for r in rows] == [(1, 4, 25), (2, 8, 50)]
    assert [at[:2] for at in steps] == [(step, 8) for step in range(1, 9)]
    assert steps[0][2] == 0 and min(rate for *_, rate in steps[1:]) > 0
    assert [r.val_accuracy for r in load_history(run.history_file)] == pytest.approx(
        [r.val_accuracy for r in rows], abs=1e-5
    )
    assert run.dataset["validation"] == dict.fromkeys(run.classes, 1)
    assert run.dataset["near_copies"] == 0
    weights = load_weights(run.weights_file)
    assert weights["classifier.5.weight"].shape == (5, 32)


def test_train_equals_a_plain_loop(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    """The same steps written out with torch alone, dropout off."""
    config = replace(tiny_config, dropout=0.0, epochs=1)
    run = train(config, tiny_data, tmp_path / "run")
    model, optimizer = create_plain(config.seed)
    model = model.to(memory_format=torch.channels_last)
    targets = create_targets(tiny_data.train, tiny_data.classes)
    for x, y, *_ in iterate_training(
        tiny_data.train, targets, config, 1, Share(torch.device("cpu"))
    ):
        optimizer.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    ours = load_weights(run.weights_file)
    for key, value in model.state_dict().items():
        torch.testing.assert_close(ours[key], value, rtol=1e-4, atol=1e-6)


def test_loss_falls(tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path) -> None:
    config = replace(tiny_config, epochs=12, dropout=0.0, lr=0.02, batch_size=5)
    run = train(config, tiny_data, tmp_path / "run")
    losses = [row.train_loss for row in load_history(run.history_file)]
    assert losses[-1] < losses[0] - 0.01


def test_resumed_run_equals_an_undisturbed_one_bit_for_bit(
    tiny_config: TrainConfig, tiny_data: TrainingData, stopping: TrainingHooks, tmp_path: Path
) -> None:
    config = replace(tiny_config, epochs=3)
    whole = train(config, tiny_data, tmp_path / "whole")
    part = train(config, tiny_data, tmp_path / "part", hooks=stopping)
    assert not part.finished
    assert len(load_history(part.history_file)) == 1
    done = train(config, tiny_data, tmp_path / "part", resume=True)
    ours, theirs = load_weights(done.weights_file), load_weights(whole.weights_file)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    pick = ("epoch", "train_loss", "val_loss", "images_seen")
    assert [[getattr(r, k) for k in pick] for r in load_history(done.history_file)] == [
        [getattr(r, k) for k in pick] for r in load_history(whole.history_file)
    ]


def test_a_run_of_version_0_1_goes_on_with_the_dropout_it_began_with(
    tiny_config: TrainConfig, tiny_data: TrainingData, stopped_run: Path, tmp_path: Path
) -> None:
    """Its second epoch against the same steps of torch's own layers, dropout before fc6 too."""
    path = stopped_run / RESUME_FILE
    saved = torch.load(path, weights_only=True)
    for now, then in ((5, 6), (3, 4), (0, 1)):  # as version 0.1 named its layers
        for kind in ("weight", "bias"):
            value = saved["model"].pop(f"classifier.{now}.{kind}")
            saved["model"][f"classifier.{then}.{kind}"] = value
    torch.save(saved, path)

    model = create_model("half", num_classes=5, hidden=32)
    layers = list(model.get_submodule("classifier").children())
    model.set_submodule("classifier", nn.Sequential(nn.Dropout(0.5), *layers))
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, fused=True)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    model = model.train().to(memory_format=torch.channels_last)
    torch.manual_seed(int(np.random.SeedSequence([0, 2, 0]).generate_state(1)[0]))
    targets = create_targets(tiny_data.train, tiny_data.classes)
    for x, y, *_ in iterate_training(
        tiny_data.train, targets, tiny_config, 2, Share(torch.device("cpu"))
    ):
        optimizer.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    run = train(tiny_config, tiny_data, stopped_run, resume=True)
    assert run.finished
    assert "dropout before fc6 and fc7" in run.weights_note
    for key, value in load_weights(run.weights_file).items():
        torch.testing.assert_close(value, model.state_dict()[key], rtol=1e-4, atol=1e-6)
    ours = load_model(run).state_dict()
    assert torch.equal(
        ours["classifier.5.bias"], load_weights(run.weights_file)["classifier.6.bias"]
    )
    shipped = ship_weights(run, tmp_path / "shipped", tiny_data)
    assert "dropout before fc6 and fc7" in shipped.weights_note
    assert load_weights(shipped.weights_file).keys() == ours.keys()
    again = ship_figures(shipped, tmp_path / "figures")
    assert again.weights_note.startswith("not kept; figures only. Trained as version 0.1's net")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_run_killed_anywhere_ends_as_an_undisturbed_one(creatures: Path, tmp_path: Path) -> None:
    """SIGKILL after random times, three times over; the weights end equal bit for bit."""
    environment = os.environ | {"ALEXCORE_DATA": str(tmp_path / "data")}

    def command(name: str) -> list[str]:
        options = ["--epochs", "8", "--hidden", "512", "--batch-size", "8"]
        options += ["--data", str(creatures), "--out", str(tmp_path / name), "--resume"]
        return [sys.executable, "-m", "alexcore", "train", *options]

    subprocess.run(command("whole"), env=environment, capture_output=True, check=True)
    part, rng = tmp_path / "part", np.random.default_rng(0)
    for _ in range(3):
        before = _count_epochs(part)
        process = subprocess.Popen(command("part"), env=environment, stderr=subprocess.DEVNULL)
        _wait_for_epoch(process, part, before + 1)
        time.sleep(rng.uniform(0, 0.3))
        process.kill()
        process.wait()
    subprocess.run(command("part"), env=environment, capture_output=True, check=True)
    assert load_run(part).finished
    assert _count_epochs(part) == 8
    ours, theirs = (load_weights(tmp_path / n / "model.safetensors") for n in ("part", "whole"))
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def _wait_for_epoch(process: subprocess.Popen[bytes], folder: Path, number: int) -> None:
    wait_for(lambda: _count_epochs(folder) >= number or process.poll() is not None)


def _count_epochs(folder: Path) -> int:
    path = folder / "history.csv"
    return len(load_history(path)) if path.exists() else 0


def test_a_full_disk_keeps_what_was_there(
    creatures: Path, stopping: TrainingHooks, tmp_path: Path
) -> None:
    """The system refuses files above 200 kB, as a full disk would."""
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from alexcore.cli import main\n"
        "if '--full' in sys.argv:\n"
        "    sys.argv.remove('--full')\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "main()\n"
    )
    out = tmp_path / "run"
    options = ["train", "--data", str(creatures), "--hidden", "32", "--batch-size", "8"]
    options += ["--out", str(out), "--resume", "--epochs"]
    environment = os.environ | {"ALEXCORE_DATA": str(tmp_path / "data"), "COLUMNS": "300"}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *options, *more]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    config = create_config(model="half", batch_size=8, epochs=3, hidden=32)
    data = prepare_data(creatures, config, tmp_path / "data" / "cache")
    train(config, data, out, hooks=stopping)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    failed = run("3", "--full")
    assert failed.returncode == 1
    assert "cannot write" in failed.stderr and "Make room" in failed.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert run("3").returncode == 0
    assert load_run(out).finished


def test_pixels_kept_on_the_device_give_the_same_crops(tiny_data: TrainingData) -> None:
    cpu = torch.device("cpu")
    rng = np.random.default_rng(0)
    rows, corners = rng.integers(0, 25, 8).tolist(), rng.random((8, 2))
    ours = create_resident_cropper(tiny_data.train, 227, cpu)(rows, corners)
    theirs = torch.from_numpy(tiny_data.train.crop(rows, corners, 227))
    assert ours.shape == (8, 227, 227, 3)
    assert torch.equal(ours, theirs)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a compiler")
def test_compiled_training_follows_the_same_curve(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    plain = train(replace(tiny_config, dropout=0.0), tiny_data, tmp_path / "plain")
    config = replace(tiny_config, dropout=0.0, compile=True)
    compiled = train(config, tiny_data, tmp_path / "compiled")
    for ours, theirs in zip(
        load_history(compiled.history_file), load_history(plain.history_file), strict=True
    ):
        assert ours.train_loss == pytest.approx(theirs.train_loss, abs=1e-4)
    assert load_weights(compiled.weights_file).keys() == load_weights(plain.weights_file).keys()


def test_batches_depend_on_seed_and_epoch_alone(
    tiny_config: TrainConfig, tiny_data: TrainingData
) -> None:
    targets = create_targets(tiny_data.train, tiny_data.classes)

    def first(seed: int, epoch: int) -> torch.Tensor:
        config = replace(tiny_config, seed=seed)
        batches = iterate_training(
            tiny_data.train, targets, config, epoch, Share(torch.device("cpu"))
        )
        return next(batches)[0]

    assert torch.equal(first(0, 1), first(0, 1))
    assert not torch.equal(first(0, 1), first(0, 2))
    assert not torch.equal(first(0, 1), first(1, 1))


def test_two_processes_share_every_batch(tiny_config: TrainConfig, tiny_data: TrainingData) -> None:
    targets = create_targets(tiny_data.train, tiny_data.classes)
    one = replace(tiny_config, batch_size=16)
    device = torch.device("cpu")
    whole = list(iterate_training(tiny_data.train, targets, one, 1, Share(device)))
    shares = [
        list(iterate_training(tiny_data.train, targets, tiny_config, 1, Share(device, rank, 2)))
        for rank in (0, 1)
    ]
    for step, (x, y, count, _) in enumerate(whole):
        for rank in (0, 1):
            assert torch.equal(shares[rank][step][0], x[rank::2])
            assert torch.equal(shares[rank][step][1], y[rank::2])
            assert shares[rank][step][2] == count == len(x)


def test_flip_mirrors_some_pictures_and_changes_nothing_else(
    tiny_config: TrainConfig, tiny_data: TrainingData
) -> None:
    targets = create_targets(tiny_data.train, tiny_data.classes)
    device = torch.device("cpu")
    plain = next(iterate_training(tiny_data.train, targets, tiny_config, 1, Share(device)))[0]
    config = replace(tiny_config, flip=True)
    flipped = next(iterate_training(tiny_data.train, targets, config, 1, Share(device)))[0]
    same = [torch.equal(a, b) for a, b in zip(plain, flipped, strict=True)]
    mirrored = [torch.equal(a.flip(2), b) for a, b in zip(plain, flipped, strict=True)]
    assert any(same) and any(mirrored)
    assert all(a != b for a, b in zip(same, mirrored, strict=True))


def test_colour_noise_shifts_each_channel_by_one_amount(
    tiny_config: TrainConfig, tiny_data: TrainingData
) -> None:
    targets = create_targets(tiny_data.train, tiny_data.classes)
    device = torch.device("cpu")
    plain = next(iterate_training(tiny_data.train, targets, tiny_config, 1, Share(device)))[0]
    config = replace(tiny_config, colour_noise=0.1)
    noisy = next(iterate_training(tiny_data.train, targets, config, 1, Share(device)))[0]
    shift = noisy - plain
    spread = shift.amax(dim=(2, 3)) - shift.amin(dim=(2, 3))
    assert float(spread.max()) < 1e-5
    assert float(shift.abs().max()) > 0.01


def test_normalise_by_hand() -> None:
    from alexcore.images.preprocessing import Preprocessing

    pixels = torch.tensor(np.array([[[[0, 255, 51]]]], np.uint8))
    x = normalise(pixels, Preprocessing(1, 1, (0.5, 0.5, 0.5), (0.25, 0.5, 0.1)))
    assert x.shape == (1, 3, 1, 1)
    torch.testing.assert_close(x.flatten(), torch.tensor([-2.0, 1.0, -3.0]))


def test_train_rejects_a_folder_that_is_taken(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    train(replace(tiny_config, epochs=1), tiny_data, tmp_path / "run")
    with pytest.raises(TrainingError, match="already holds a run"):
        train(tiny_config, tiny_data, tmp_path / "run")
    with pytest.raises(CheckpointError, match=r"nothing to resume.*it is finished"):
        train(tiny_config, tiny_data, tmp_path / "run", resume=True)


def test_resume_rejects_another_configuration(
    tiny_config: TrainConfig, tiny_data: TrainingData, stopped_run: Path
) -> None:
    with pytest.raises(CheckpointError, match=r"lr differ.*\(--lr 0\.01\)"):
        train(replace(tiny_config, lr=0.1), tiny_data, stopped_run, resume=True)


def test_resume_takes_a_run_older_than_near_copies_on_its_own_split(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    asked = iter([False] * 5 + [True])
    train(tiny_config, tiny_data, tmp_path, hooks=TrainingHooks(should_stop=lambda: next(asked)))
    saved = torch.load(tmp_path / RESUME_FILE, weights_only=True)
    del saved["config"]["keep_near_copies"]
    torch.save(saved, tmp_path / RESUME_FILE)
    with pytest.raises(CheckpointError, match=r"_copies differ.*\(--keep-near-copies\)"):
        train(tiny_config, tiny_data, tmp_path, resume=True)
    apart = replace(tiny_config, keep_near_copies=True)
    assert train(apart, tiny_data, tmp_path, resume=True).finished


def test_resume_takes_a_run_from_before_rates_fell_more_than_once(
    tiny_config: TrainConfig, tiny_data: TrainingData, tiny_run: Run, stopped_run: Path
) -> None:
    saved = torch.load(stopped_run / RESUME_FILE, weights_only=True)
    for name in ("lr_drops", "bias_lr", "velocity", "raw_pixels", "colour_noise_by"):
        del saved["config"][name]
    saved["config"] |= {"lr_after": 0.003, "lr_drop_epoch": 18}
    for group in saved["optimizer"]["param_groups"]:
        del group["lr_scale"], group["conv1"]
    torch.save(saved, stopped_run / RESUME_FILE)
    with pytest.raises(CheckpointError, match=r"lr_drops differ.*\(--lr-drops 18:0\.003\)"):
        train(replace(tiny_config, lr_drops=""), tiny_data, stopped_run, resume=True)
    done = train(tiny_config, tiny_data, stopped_run, resume=True)
    ours, theirs = load_weights(done.weights_file), load_weights(tiny_run.weights_file)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)


def test_resume_rejects_a_damaged_checkpoint(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    (tmp_path / RESUME_FILE).write_bytes(b"half a file")
    with pytest.raises(CheckpointError, match="damaged"):
        train(tiny_config, tiny_data, tmp_path, resume=True)


def test_a_new_run_keeps_nothing_of_one_that_ended_in_its_first_epoch(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "epoch-000.safetensors").write_bytes(b"of other weights")
    (tmp_path / "layers.csv").write_text("of another run")
    run = train(replace(tiny_config, epochs=1), tiny_data, tmp_path)
    assert not (tmp_path / "snapshots").exists()
    assert {row.epoch for row in load_layers(run.folder)} == {1}


def test_train_rejects_a_loss_that_is_not_finite(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=r"the run diverged\. Lower the learning rate"):
        train(replace(tiny_config, lr=1e9), tiny_data, tmp_path / "run")


def test_prepare_rejects_fewer_pictures_than_a_batch(
    creatures: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match="25 training pictures, fewer than one batch of 64"):
        prepare_data(creatures, replace(tiny_config, batch_size=64), tmp_path)
