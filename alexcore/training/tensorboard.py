"""TensorBoard event files of a run, for people who already live there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alexcore.errors import TrainingError
from alexcore.extras import describe_install, has_extra
from alexcore.runs.history import Epoch

_TAGS = {
    "loss/train": "train_loss",
    "loss/validation": "val_loss",
    "accuracy/train": "train_accuracy",
    "accuracy/validation": "val_accuracy",
    "lr": "lr",
}


def require_tensorboard() -> None:
    """Say so where TensorBoard is not installed, before anything long begins.

    Raises:
        TrainingError: It is not.
    """
    if not has_extra("tensorboard"):
        raise TrainingError(
            f"event files need a package that is not here: {describe_install('tensorboard')}."
        )


@contextmanager
def open_events(folder: Path) -> Iterator[Callable[[Epoch], None]]:
    """Yield a function that writes one epoch's figures over the images seen.

    Raises:
        TrainingError: TensorBoard is not installed.
    """
    require_tensorboard()
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:

        def write(row: Epoch) -> None:
            for tag, column in _TAGS.items():
                writer.add_scalar(tag, getattr(row, column), row.images_seen)
            writer.flush()

        yield write
