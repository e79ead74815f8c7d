"""One training from its pictures to its run directory, behind the page's form and the command.

Task -> ``run_task`` -> Run, while ``TrainingHooks`` tell how it gets on. Importing this does not
import torch.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run

if TYPE_CHECKING:
    from alexcore.training.loop import TrainingHooks


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


def run_task(task: Task, hooks: TrainingHooks) -> Run:
    """Open and decode the pictures, then train; alone, or as one process of a torchrun.

    Returns:
        The run. It is not ``finished`` when ``should_stop`` ended it.

    Raises:
        AlexcoreError: The pictures, the device or the run directory cannot be used.
    """
    from alexcore.datasets.sources import open_source, open_test
    from alexcore.settings import get_cache_folder
    from alexcore.training.data import prepare_data
    from alexcore.training.distributed import create_fabric
    from alexcore.training.loop import train
    from alexcore.training.tensorboard import open_events, require_tensorboard

    if task.events:
        require_tensorboard()
    config = task.config
    fabric = create_fabric(task.device, config.precision)
    with fabric.rank_zero_first(local=True):
        root = open_source(task.data, hooks.on_preparing)
        test = open_test(task.data, hooks.on_preparing)
        data = prepare_data(root, config, get_cache_folder(), hooks.on_preparing, test)
    with ExitStack() as stack:
        if task.events and fabric.is_global_zero:
            hooks = _also_tell(hooks, stack.enter_context(open_events(task.folder)))
        return train(
            config, data, task.folder, fabric=fabric, experiment=task.experiment,
            resume=task.resume, hooks=hooks,
        )  # fmt: skip


def _also_tell(hooks: TrainingHooks, write: Callable[[Epoch], None]) -> TrainingHooks:
    def on_epoch(row: Epoch) -> None:
        write(row)
        hooks.on_epoch(row)

    return replace(hooks, on_epoch=on_epoch)
