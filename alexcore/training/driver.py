"""One training from its pictures to its run directory, behind the page's form and the command.

Task -> ``run_task`` -> Run, while a ``Listener`` hears how it gets on. Importing this does not
import torch.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run


@dataclass(frozen=True, slots=True)
class Task:
    """One run to train, and how.

    Attributes:
        config: Every choice of the run.
        data: Its pictures, as ``open_source`` takes them.
        folder: The run directory.
        device: As for ``select_device``.
        experiment: The comparison it belongs to, ``""`` for none.
        resume: Whether to continue after the last whole epoch in ``folder``.
        events: Whether event files for TensorBoard are written too.
    """

    config: TrainConfig
    data: str
    folder: Path
    device: str = "auto"
    experiment: str = ""
    resume: bool = False
    events: bool = False


class Listener(Protocol):
    """Hears how a training gets on and may end it; it is called often and must be quick."""

    def on_preparing(self, done: int, total: int) -> None:
        """Pictures that were drawn, downloaded or decoded, of how many; not called for none."""

    def on_step(self, done: int, total: int, images_per_second: float) -> None:
        """Steps since the run began, of how many; the rate is 0 before it can be measured."""

    def on_epoch(self, row: Epoch) -> None:
        """The figures of an epoch that is complete."""

    def should_stop(self) -> bool:
        """Whether the run ends after this step; it can be resumed."""


def run_task(task: Task, listener: Listener) -> Run:
    """Open and decode the pictures, then train; alone, or as one process of a torchrun.

    Returns:
        The run. It is not ``finished`` when the listener ended it.

    Raises:
        AlexcoreError: The pictures, the device or the run directory cannot be used.
    """
    from alexcore.datasets.sources import open_source
    from alexcore.settings import get_cache_folder
    from alexcore.training.data import prepare_data
    from alexcore.training.distributed import create_fabric
    from alexcore.training.loop import TrainingHooks, train
    from alexcore.training.tensorboard import open_events, require_tensorboard

    if task.events:
        require_tensorboard()
    config = task.config
    fabric = create_fabric(task.device, config.precision)
    with fabric.rank_zero_first(local=True):
        root = open_source(task.data, listener.on_preparing)
        data = prepare_data(root, config, get_cache_folder(), listener.on_preparing)
    since: list[tuple[float, int]] = []  # when the first step was done, and its number

    def on_step(epoch: int, step: int, steps: int) -> None:
        done = (epoch - 1) * steps + step
        since[:] = since or [(time.monotonic(), done)]
        (began, first), images = since[0], config.batch_size * fabric.world_size
        rate = (done - first) * images / (time.monotonic() - began) if done > first else 0.0
        listener.on_step(done, config.epochs * steps, rate)

    with ExitStack() as stack:
        told: list[Callable[[Epoch], None]] = [listener.on_epoch]
        if task.events and fabric.is_global_zero:
            told.append(stack.enter_context(open_events(task.folder)))

        def on_epoch(row: Epoch) -> None:
            for tell in told:
                tell(row)

        return train(
            config,
            data,
            task.folder,
            fabric=fabric,
            experiment=task.experiment,
            resume=task.resume,
            hooks=TrainingHooks(on_step, on_epoch, listener.should_stop),
        )
