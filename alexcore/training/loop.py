"""The training loop: TrainConfig + TrainingData -> a run directory, on any device Fabric knows."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from alexcore.devices import select_device
from alexcore.errors import TrainingError
from alexcore.models.layer_names import list_map_layers
from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run, find_begun, save_run
from alexcore.runs.schedule import compute_lr
from alexcore.training.batches import Share, iterate_training
from alexcore.training.data import TrainingData, create_targets
from alexcore.training.distributed import create_fabric
from alexcore.training.evaluate import create_accuracy, create_mean, evaluate
from alexcore.training.layers import LayerRecorder
from alexcore.training.masks import measure_stray
from alexcore.training.precision import settle_precision
from alexcore.training.record import (
    create_run,
    finish_run,
    forget_begun,
    record_divergence,
    record_epoch,
)
from alexcore.training.sgd import set_rates
from alexcore.training.state import (
    State,
    create_state,
    read_checkpoint,
    require_free,
    save_checkpoint,
)
from alexcore.weights.snapshots import keep_snapshot


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


def train(
    config: TrainConfig,
    data: TrainingData,
    folder: Path,
    *,
    resume: bool = False,
    hooks: TrainingHooks | None = None,
) -> Run:
    """Train a model on the device Fabric chooses and leave a run directory.

    Args:
        config: Every choice of the run.
        data: From ``prepare_data``.
        folder: The run directory; it must not hold another finished or resumable run, unless
            ``resume`` is set.
        resume: As for ``train_run``; experiment and snapshots stay those of the run.
        hooks: Callbacks.

    Returns:
        The run. It is not ``finished`` when ``should_stop`` ended it.

    Raises:
        TrainingError, CheckpointError: As ``train_run`` does.
    """
    begun = find_begun(folder) if resume else None
    config = settle_precision(config, select_device(), begun)
    fabric = create_fabric(precision=config.precision)
    run = create_run(config, data, folder, fabric, begun)
    return train_run(run, data, fabric, resume=resume, hooks=hooks or TrainingHooks())


def train_run(
    run: Run, data: TrainingData, fabric: Fabric, *, resume: bool, hooks: TrainingHooks
) -> Run:
    """Train what ``create_run`` describes.

    Args:
        run: The run, from its start.
        data: Its pictures.
        fabric: Device, precision and processes, from ``create_fabric``.
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
    if not resume:
        require_free(run)
    state = create_state(run, fabric, read_checkpoint(run) if resume else None)
    try:
        if fabric.is_global_zero and not state.rows:
            forget_begun(run)
            save_run(run)
            keep_snapshot(run, 0, state.result)
        whole = Trainer(run, data, state, fabric, hooks).train()
        return finish_run(run, data, state, fabric) if whole else run
    except OSError as error:
        raise TrainingError(
            f"cannot write {run.folder}: {error}. Make room, then resume from the last whole epoch."
        ) from error


def measure_roughness(kernels: Tensor) -> Tensor:
    """Return the sum of the squared differences of neighbours in kernels (C, 3, H, W)."""
    return kernels.diff(dim=2).square().sum() + kernels.diff(dim=3).square().sum()


@dataclass(frozen=True, slots=True)
class _Trained:
    loss: float
    accuracy: float


class Trainer:
    """The loop itself: steps make an epoch; its row and a checkpoint follow each.

    A snapshot is written before the checkpoint: a resume from the one before writes it again.
    """

    def __init__(
        self, run: Run, data: TrainingData, state: State, fabric: Fabric, hooks: TrainingHooks
    ) -> None:
        """Take up ``state`` where it stands."""
        self.run, self.data, self.state, self.fabric, self.hooks = run, data, state, fabric, hooks
        self.config = run.config
        self.share = Share(fabric.device, fabric.global_rank, fabric.world_size)
        self.targets = create_targets(data.train, data.classes)
        self.images_a_step = self.config.batch_size * fabric.world_size
        self.steps = math.ceil(len(data.train) / self.images_a_step)  # an epoch
        self.conv1 = next(self.state.model.parameters())
        self.maps = torch.empty(0)
        if data.masks is not None:
            read = state.model.get_submodule(list_map_layers(state.model)[-1])
            read.register_forward_hook(self._keep_maps)
        self.first: tuple[float, int] | None = None
        self.layers = LayerRecorder(state.model, state.optimizer, fabric)

    def train(self) -> bool:
        """Train the epochs that are missing; False when the caller asked to stop."""
        for epoch in range(len(self.state.rows) + 1, self.config.epochs + 1):
            if self._ran_out_of_patience():
                break
            began = time.perf_counter()
            trained = self._train_epoch(epoch)
            if trained is None:
                return False
            self._close_epoch(epoch, trained, began)
        return True

    def _train_epoch(self, epoch: int) -> _Trained | None:
        """Train one epoch; None when the caller asked to stop in its middle."""
        seeds = np.random.SeedSequence([self.config.seed, epoch, self.share.rank])
        torch.manual_seed(int(seeds.generate_state(1)[0]))
        loss_mean = create_mean(self.share.device)
        accuracy = create_accuracy(len(self.data.classes), self.share.device)
        self.state.forward.train()
        batches = iterate_training(
            self.data.train, self.targets, self.config, epoch, self.share, self.data.masks
        )
        for step, (x, y, whole, creature) in enumerate(batches, (epoch - 1) * self.steps + 1):
            lr = compute_lr(self.config, step - 1, self.steps)
            set_rates(self.state.optimizer, self.config, epoch, lr)
            logits, losses = self._step(x, y, whole, creature)
            if len(y):  # the last batch may be too small to have a part for each process
                loss_mean.update(losses)
                accuracy.update(logits, y)
            rate = self._measure_rate(step) * self.images_a_step
            self.hooks.on_step(step, self.config.epochs * self.steps, rate)
            if self._agree_to_stop():
                return None
        return _Trained(float(loss_mean.compute()), float(accuracy.compute()))

    def _step(
        self, x: Tensor, y: Tensor, whole: int, creature: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Take one step; return logits (B, classes) and losses (B,), without the penalties."""
        logits = self.state.forward(x)
        losses = functional.cross_entropy(
            logits, y, reduction="none", label_smoothing=self.config.label_smoothing
        )
        # Each process's gradients are averaged, so its share is weighed by its part of the batch.
        share = self.share.world / whole
        loss = losses.sum() * share
        if creature is not None:
            stray = measure_stray(self.maps, creature)
            loss = loss + self.config.focus * stray.sum() * share
        if self.config.smooth_conv1:
            loss = loss + self.config.smooth_conv1 * measure_roughness(self.conv1)
        self.state.optimizer.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        self.state.optimizer.step()
        if self.state.average is not None:
            self.state.average.update_parameters(self.state.model)
        return logits.detach(), losses.detach()

    def _keep_maps(self, layer: nn.Module, inputs: object, output: Tensor) -> None:
        self.maps = output

    def _close_epoch(self, epoch: int, trained: _Trained, began: float) -> None:
        """Judge the net, and keep what a resume needs and what people read."""
        with self.layers.watching(self.state.result):
            val_loss, val_accuracy = evaluate(
                self.state.result,
                self.data.validation,
                self.data.classes,
                self.run.preprocessing,
                self.share,
            )
        self.state.layers += self.layers.close_epoch(epoch)
        before = self.state.rows[-1] if self.state.rows else None
        row = Epoch(
            epoch=epoch,
            step=(before.step if before else 0) + self.steps,
            images_seen=(before.images_seen if before else 0) + len(self.data.train),
            seconds=(before.seconds if before else 0.0) + time.perf_counter() - began,
            lr=compute_lr(self.config, epoch * self.steps - 1, self.steps),
            train_loss=trained.loss,
            train_accuracy=trained.accuracy,
            val_loss=val_loss,
            val_accuracy=val_accuracy,
        )
        if not math.isfinite(row.train_loss):
            if self.fabric.is_global_zero:
                record_divergence(self.run, self.state, epoch)
            raise TrainingError(
                f"the loss is {row.train_loss} in epoch {epoch}: the run diverged. Lower the "
                f"learning rate (now {row.lr:g}) or raise the batch size; epochs before "
                f"it are kept."
            )
        self.state.rows.append(row)
        if self.fabric.is_global_zero:
            keep_snapshot(self.run, epoch, self.state.result, self._ran_out_of_patience())
            save_checkpoint(self.run, self.state)
            record_epoch(self.run, self.state)
        self.hooks.on_epoch(row)

    def _ran_out_of_patience(self) -> bool:
        """Whether the best epoch lies as far back as the run waits for a better one."""
        rows, patience = self.state.rows, self.config.patience
        if not patience or not rows:
            return False
        return rows[-1].epoch - max(rows, key=lambda row: row.val_accuracy).epoch >= patience

    def _measure_rate(self, step: int) -> float:
        """Return steps a second since the first one here, 0 at that one."""
        self.first = self.first or (time.perf_counter(), step)
        began, first = self.first
        return (step - first) / (time.perf_counter() - began) if step > first else 0.0

    def _agree_to_stop(self) -> bool:
        """Whether any process was asked to stop: a signal reaches each at another step."""
        asked = self.hooks.should_stop()
        if self.share.world == 1:
            return asked
        votes = self.fabric.all_reduce(
            torch.tensor(float(asked), device=self.share.device), reduce_op="sum"
        )
        return bool(votes)
