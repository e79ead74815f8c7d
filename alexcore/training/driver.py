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

from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.runs.history import Epoch
from alexcore.runs.run import Run, find_begun

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
        experiment: The comparison it belongs to, ``""`` for none. A run that is resumed keeps what
            it began with where this is ``""``.
        resume: Whether to continue after the last whole epoch in ``folder``, on the split the run
            began with.
        events: Whether event files for TensorBoard are written too.
        snapshots: At how many epochs the convolutions are kept, the start and the last among them;
            0 for none. A run that is resumed keeps what it began with where this is 0.
    """

    config: TrainConfig
    data: str
    folder: Path
    device: str = "auto"
    experiment: str = ""
    resume: bool = False
    events: bool = False
    snapshots: int = 0

    def __post_init__(self) -> None:
        """Refuse a number of snapshots that leaves out the start or the last epoch."""
        if self.snapshots < 0 or self.snapshots == 1:
            raise TrainingError(
                f"got snapshots={self.snapshots}; it must be 0, for none, or at least 2: the start "
                "and the last epoch are among them."
            )


def run_task(task: Task, hooks: TrainingHooks) -> Run:
    """Open and decode the pictures, then train; alone, or as one process of a torchrun.

    Returns:
        The run. It is not ``finished`` when ``should_stop`` ended it.

    Raises:
        AlexcoreError: The pictures, the device or the run directory cannot be used.
    """
    from alexcore.datasets.creatures import SETS
    from alexcore.datasets.sources import open_source, open_test
    from alexcore.devices import select_device
    from alexcore.settings import get_cache_folder
    from alexcore.training.data import prepare_data
    from alexcore.training.distributed import create_fabric
    from alexcore.training.loop import train_run
    from alexcore.training.precision import settle_precision
    from alexcore.training.record import create_run
    from alexcore.training.tensorboard import open_events, require_tensorboard

    if task.events:
        require_tensorboard()
    device = select_device(task.device)
    begun = find_begun(task.folder) if task.resume else None
    config = settle_precision(task.config, device, begun)
    # Each picture of a set is drawn from a seed of its own: there are no near copies. And version
    # 0.1 did not look for them; what it began goes on with the pictures it learned from.
    if task.data in SETS or (begun and begun.config.keep_near_copies):
        config = replace(config, keep_near_copies=True)
    fabric = create_fabric(task.device, config.precision)
    with fabric.rank_zero_first(local=True):
        root = open_source(task.data, hooks.on_preparing)
        test = open_test(task.data, hooks.on_preparing)
        data = prepare_data(root, config, get_cache_folder(), hooks.on_preparing, test)
    with ExitStack() as stack:
        if task.events and fabric.is_global_zero:
            hooks = _also_tell(hooks, stack.enter_context(open_events(task.folder)))
        run = create_run(config, data, task.folder, fabric, begun)
        run = replace(
            run,
            experiment=task.experiment or run.experiment,
            snapshots=task.snapshots or run.snapshots,
        )
        return train_run(run, data, fabric, resume=task.resume, hooks=hooks)


def _also_tell(hooks: TrainingHooks, write: Callable[[Epoch], None]) -> TrainingHooks:
    def on_epoch(row: Epoch) -> None:
        write(row)
        hooks.on_epoch(row)

    return replace(hooks, on_epoch=on_epoch)
