"""The training loop: TrainConfig + TrainingData -> a run directory, on any device Fabric knows."""

import io
import math
import platform
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from alexcore import __version__
from alexcore.devices import describe_device
from alexcore.errors import CheckpointError, TrainingError
from alexcore.files import replacing
from alexcore.images.preprocessing import Preprocessing
from alexcore.models import create_model
from alexcore.runs.config import TrainConfig, restore_config
from alexcore.runs.history import Epoch, save_history
from alexcore.runs.predictions import save_predictions
from alexcore.runs.run import HISTORY_FILE, RESUME_FILE, Run, save_run
from alexcore.training.data import TrainingData, create_targets, iterate_training
from alexcore.training.distributed import create_fabric
from alexcore.training.evaluate import (
    create_accuracy,
    create_mean,
    evaluate,
    predict_validation,
)
from alexcore.weights.classifier_keys import V01_DROPOUT, V01_NOTE, is_from_v01
from alexcore.weights.safetensors import save_weights


@dataclass(frozen=True, slots=True)
class TrainingHooks:
    """How a caller watches a run and stops it; each may be called often and must be quick.

    Attributes:
        on_step: Called with (steps done since the run began, of how many, images a second, which
            is 0 until it is measured).
        on_epoch: Called with the row of each finished epoch.
        should_stop: Asked after each step; True ends the run, which can be resumed.
        on_preparing: Called by ``run_task`` with (pictures drawn, downloaded or decoded, of how
            many); not at all where there is nothing to prepare.
    """

    on_step: Callable[[int, int, float], None] = lambda done, total, rate: None
    on_epoch: Callable[[Epoch], None] = lambda row: None
    should_stop: Callable[[], bool] = lambda: False
    on_preparing: Callable[[int, int], None] = lambda done, total: None


@dataclass(slots=True)
class _State:
    """What one epoch hands to the next.

    ``forward`` is ``model`` as Fabric wraps it; both share their parameters.
    """

    model: nn.Module
    forward: nn.Module
    optimizer: torch.optim.Optimizer
    rows: list[Epoch]
    first: tuple[float, int] | None = None

    def measure_rate(self, done: int) -> float:
        """Return steps a second since the first one here, 0 at that one."""
        self.first = self.first or (time.perf_counter(), done)
        began, first = self.first
        return (done - first) / (time.perf_counter() - began) if done > first else 0.0


def train(
    config: TrainConfig,
    data: TrainingData,
    folder: Path,
    *,
    fabric: Fabric | None = None,
    experiment: str = "",
    resume: bool = False,
    hooks: TrainingHooks | None = None,
) -> Run:
    """Train a model and leave a run directory.

    Args:
        config: Every choice of the run.
        data: From ``prepare_data``.
        folder: The run directory; it must not hold another finished or resumable run, unless
            ``resume`` is set.
        fabric: Device, precision and processes, from ``create_fabric``; as it chooses when None.
        experiment: The comparison the run belongs to.
        resume: Continue after the last whole epoch, from the start when none was completed. On a
            CPU the weights then equal, bit for bit, those of a run that was never interrupted. A
            run of version 0.1 keeps that version's dropout, and says so when it is done.
        hooks: Callbacks.

    Returns:
        The run. It is not ``finished`` when ``should_stop`` ended it.

    Raises:
        TrainingError: The folder is taken, the loss is no longer finite, or the disk is full.
        CheckpointError: What should be resumed is finished, or of another configuration.
    """
    hooks = hooks or TrainingHooks()
    fabric = fabric or create_fabric(precision=config.precision)
    saved = _read_resumable(folder, config, data) if resume else None
    old = saved and is_from_v01(saved["model"], config.model)
    torch.manual_seed(config.seed)
    model = create_model(
        config.model, len(data.classes), config.hidden, V01_DROPOUT if old else None
    )
    for layer in model.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = config.dropout
    optimizer = torch.optim.SGD(
        model.parameters(),
        config.lr,
        momentum=config.momentum,
        weight_decay=config.weight_decay,
        fused=fabric.device.type in ("cpu", "cuda"),  # one pass over the weights instead of three
    )
    run = _describe(config, data, folder, experiment, fabric)
    rows: list[Epoch] = []
    if saved:
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        rows = [Epoch(*row) for row in saved["rows"]]
    elif not resume and ((folder / RESUME_FILE).exists() or (folder / HISTORY_FILE).exists()):
        raise TrainingError(
            f"{folder} already holds a run. Resume it, choose another name, or remove the folder."
        )
    model = model.to(memory_format=torch.channels_last)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    state = _State(model, _compile(config, wrapped, fabric), wrapped_optimizer, rows)
    try:
        if fabric.is_global_zero and not rows:
            save_run(run)
        _run_epochs(config, data, folder, run, state, fabric, hooks)
        return _finish(run, data, state, fabric) if len(rows) == config.epochs else run
    except OSError as error:
        raise TrainingError(
            f"cannot write {folder}: {error}. Make room, then resume from the last whole epoch."
        ) from error


def _compile(config: TrainConfig, model: nn.Module, fabric: Fabric) -> nn.Module:
    """Compile when asked; on a GPU into CUDA graphs, as small batches there wait for launches."""
    if not config.compile:
        return model
    mode = "reduce-overhead" if fabric.device.type == "cuda" else "default"
    compiled: nn.Module = torch.compile(model, mode=mode)  # type: ignore[assignment]
    return compiled


def _describe(
    config: TrainConfig, data: TrainingData, folder: Path, experiment: str, fabric: Fabric
) -> Run:
    return Run(
        folder=folder,
        model=config.model,
        classes=data.classes,
        hidden=config.hidden,
        preprocessing=Preprocessing(config.crop, config.resize),
        config=config,
        dataset=data.summary,
        experiment=experiment,
        finished=False,
        weights_digest=None,
        weights_note="",
        versions={
            "alexcore": __version__,
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
        device=describe_device(fabric.device),
        processes=fabric.world_size,
    )


def _run_epochs(
    config: TrainConfig,
    data: TrainingData,
    folder: Path,
    run: Run,
    state: _State,
    fabric: Fabric,
    hooks: TrainingHooks,
) -> None:
    targets = create_targets(data.train, data.classes)
    for epoch in range(len(state.rows) + 1, config.epochs + 1):
        began = time.perf_counter()
        trained = _train_epoch(config, data, targets, epoch, state, fabric, hooks)
        if trained is None:
            return
        val_loss, val_accuracy = evaluate(
            state.model,
            data,
            run.preprocessing,
            fabric.device,
            fabric.global_rank,
            fabric.world_size,
        )
        before = state.rows[-1] if state.rows else None
        row = Epoch(
            epoch=epoch,
            step=(before.step if before else 0) + trained.steps,
            images_seen=(before.images_seen if before else 0) + len(data.train),
            seconds=(before.seconds if before else 0.0) + time.perf_counter() - began,
            lr=config.lr_at(epoch),
            train_loss=trained.loss,
            train_accuracy=trained.accuracy,
            val_loss=val_loss,
            val_accuracy=val_accuracy,
        )
        if not math.isfinite(row.train_loss):
            raise TrainingError(
                f"the loss is {row.train_loss} in epoch {epoch}: the run diverged. Lower the "
                f"learning rate (now {row.lr:g}) or raise the batch size; epochs before "
                f"it are kept."
            )
        state.rows.append(row)
        if fabric.is_global_zero:
            _save_epoch(folder, run, state)
        hooks.on_epoch(row)


@dataclass(frozen=True, slots=True)
class _Trained:
    steps: int
    loss: float
    accuracy: float


def _train_epoch(
    config: TrainConfig,
    data: TrainingData,
    targets: Tensor,
    epoch: int,
    state: _State,
    fabric: Fabric,
    hooks: TrainingHooks,
) -> _Trained | None:
    """Train one epoch; None when the caller asked to stop in its middle."""
    seeds = np.random.SeedSequence([config.seed, epoch, fabric.global_rank])
    torch.manual_seed(int(seeds.generate_state(1)[0]))
    for group in state.optimizer.param_groups:
        group["lr"] = config.lr_at(epoch)
    loss_mean = create_mean(fabric.device)
    accuracy = create_accuracy(len(data.classes), fabric.device)
    steps = math.ceil(len(data.train) / (config.batch_size * fabric.world_size))
    state.forward.train()
    batches = iterate_training(
        data.train, targets, config, epoch, fabric.device, fabric.global_rank, fabric.world_size
    )
    for step, (x, y, whole) in enumerate(batches, start=1):
        logits = state.forward(x)
        losses = functional.cross_entropy(logits, y, reduction="none")
        # Each process's gradients are averaged, so its share is weighed by its part of the batch.
        loss = losses.sum() * (fabric.world_size / whole)
        state.optimizer.zero_grad(set_to_none=True)
        fabric.backward(loss)
        state.optimizer.step()
        loss_mean.update(losses.detach())
        accuracy.update(logits.detach(), y)
        done = (epoch - 1) * steps + step
        rate = state.measure_rate(done) * config.batch_size * fabric.world_size
        hooks.on_step(done, config.epochs * steps, rate)
        if _agree_to_stop(hooks.should_stop(), fabric):
            return None
    return _Trained(steps, float(loss_mean.compute()), float(accuracy.compute()))


def _agree_to_stop(asked: bool, fabric: Fabric) -> bool:
    """Whether any process was asked to stop: a signal reaches each at another step."""
    if fabric.world_size == 1:
        return asked
    votes = fabric.all_reduce(torch.tensor(float(asked), device=fabric.device), reduce_op="sum")
    return bool(votes)


def _save_epoch(folder: Path, run: Run, state: _State) -> None:
    """Write what a resume needs first, then what people read."""
    saved = io.BytesIO()  # straight to a full disk torch.save fails with an error of its own
    torch.save(
        {
            "model": state.model.state_dict(),
            "optimizer": state.optimizer.state_dict(),
            "rows": [astuple(row) for row in state.rows],
            "config": run.config.to_dict(),
            "fingerprint": run.dataset["fingerprint"],
        },
        saved,
    )
    with replacing(folder / RESUME_FILE) as partial:
        partial.write_bytes(saved.getbuffer())
    save_history(folder / HISTORY_FILE, state.rows)
    save_run(_with_figures(run, state.rows))


def _with_figures(run: Run, rows: list[Epoch]) -> Run:
    """Return the run with its best and its last epoch."""

    def figures(row: Epoch) -> dict[str, float]:
        accuracy, loss = round(row.val_accuracy, 4), round(row.val_loss, 4)
        return {"epoch": row.epoch, "val_accuracy": accuracy, "val_loss": loss}

    best = max(rows, key=lambda row: row.val_accuracy)
    return replace(run, best=figures(best), last=figures(rows[-1]))


def _read_resumable(folder: Path, config: TrainConfig, data: TrainingData) -> dict[str, Any] | None:
    """Return what the last whole epoch of this very training left, None when none was completed."""
    path = folder / RESUME_FILE
    if not path.exists():
        if (folder / HISTORY_FILE).exists():
            raise CheckpointError(f"there is nothing to resume in {folder}: it is finished.")
        return None
    try:
        saved: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises whatever the bytes lead it to
        raise CheckpointError(f"{path} is damaged ({error}); start the run anew.") from error
    before = restore_config(saved["config"]).to_dict()
    ours = config.to_dict()
    changed = [k for k, v in ours.items() if k != "epochs" and before[k] != v]
    if changed or saved["fingerprint"] != data.summary["fingerprint"]:
        what = ", ".join(changed) or "the pictures"
        raise CheckpointError(f"{folder} was started otherwise: {what} differ. Use another name.")
    return saved


def _finish(run: Run, data: TrainingData, state: _State, fabric: Fabric) -> Run:
    """Write weights and predictions, mark the run finished, and drop what only a resume needs."""
    fabric.barrier()
    if not fabric.is_global_zero:
        return replace(_with_figures(run, state.rows), finished=True)
    weights = state.model.state_dict()
    digest = save_weights(run.weights_file, weights)
    note = "float32, last epoch"
    if is_from_v01(weights, run.model):
        note += ". " + V01_NOTE
    predictions = predict_validation(state.model, data, run.preprocessing, fabric.device)
    save_predictions(run.predictions_file, predictions)
    done = replace(
        _with_figures(run, state.rows),
        finished=True,
        weights_digest=digest,
        weights_note=note,
    )
    save_run(done)
    (run.folder / RESUME_FILE).unlink(missing_ok=True)
    return done
