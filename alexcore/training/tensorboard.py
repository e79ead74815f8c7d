"""TensorBoard event files of a run, for people who already live there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alexcore.errors import TrainingError
from alexcore.runs.history import EpochRow

_TAGS = {
    "loss/train": "train_loss",
    "loss/validation": "val_loss",
    "accuracy/train": "train_accuracy",
    "accuracy/validation": "val_accuracy",
    "lr": "lr",
}


@contextmanager
def open_events(folder: Path) -> Iterator[Callable[[EpochRow], None]]:
    """Yield a function that writes one epoch's figures over the images seen.

    Raises:
        TrainingError: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise TrainingError(
            "--tensorboard needs the package tensorboard: pip install tensorboard."
        ) from error
    with SummaryWriter(str(folder)) as writer:

        def write(row: EpochRow) -> None:
            for tag, column in _TAGS.items():
                writer.add_scalar(tag, getattr(row, column), row.images_seen)
            writer.flush()

        yield write
