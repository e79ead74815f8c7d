"""Other people's histories: a CSV or TensorBoard's event files -> the columns of ours."""

import io
import tempfile
from pathlib import Path

import pandas as pd

from alexcore.errors import TrainingError
from alexcore.extras import describe_install, has_extra

_NAMES = {
    "epoch": ("epoch", "epochs"),
    "step": ("step", "global_step", "iteration"),
    "images_seen": ("images_seen", "samples", "samples_seen"),
    "seconds": ("seconds", "time", "wall_time", "duration"),
    "lr": ("lr", "learning_rate", "lr-sgd", "lr-adam", "lr-adamw"),
    "train_loss": (
        "train_loss", "train_loss_epoch", "training_loss", "loss", "train/loss", "loss/train",
    ),
    "train_accuracy": (
        "train_accuracy", "train_acc", "train_acc_epoch", "training_accuracy", "acc",
        "accuracy", "train/accuracy", "train/acc", "accuracy/train", "acc/train",
    ),
    "val_loss": (
        "val_loss", "valid_loss", "validation_loss", "test_loss", "val/loss", "loss/val",
        "loss/validation", "loss/test",
    ),
    "val_accuracy": (
        "val_accuracy", "val_acc", "valid_acc", "valid_accuracy", "validation_accuracy",
        "test_accuracy", "test_acc", "val/accuracy", "val/acc", "accuracy/val", "acc/val",
        "accuracy/validation", "accuracy/test", "acc/test",
    ),
}  # fmt: skip
_FIGURES = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
_FASTAI_LOSS = "valid_loss"
_HELD_OUT = {*_NAMES["val_loss"], *_NAMES["val_accuracy"]}


def parse_history(text: str, batch_size: int) -> pd.DataFrame:
    """Read one run's figures from a CSV by Lightning, Keras, fastai or oneself.

    Lightning writes training and validation on separate rows; the rows of an epoch become one.
    Accuracies above 1 are taken for percent.

    Args:
        text: The file's content.
        batch_size: Images a step, used where the file does not count images itself.

    Returns:
        One row an epoch with the columns of ``Epoch``; what the file lacks is NaN.

    Raises:
        TrainingError: It is no CSV, or has no column of losses or accuracies that is known.
    """
    try:
        table = pd.read_csv(io.StringIO(text))
    except (ValueError, pd.errors.ParserError) as error:
        raise TrainingError(f"this is no CSV with a header: {error}.") from error
    return _recognise(table, batch_size)


def parse_events(data: bytes, batch_size: int) -> pd.DataFrame:
    """Read one run's figures from an event file, through TensorBoard's own reader.

    Scalars of one step are one row. Where there are figures of validation, an epoch ends with each
    of them, and the training figures are the last before it.

    Args:
        data: The file's content.
        batch_size: As of ``parse_history``.

    Returns:
        As of ``parse_history``.

    Raises:
        TrainingError: TensorBoard is not installed, it is no event file, or it has no scalars of a
            loss or an accuracy.
    """
    if not has_extra("tensorboard"):
        raise TrainingError(
            f"event files need a package that is not here: {describe_install('tensorboard')}."
        )
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "events.out.tfevents.0").write_bytes(data)
        events = EventAccumulator(folder, {"scalars": 0}).Reload()
        columns = {
            tag: {event.step: event.value for event in events.Scalars(tag)}
            for tag in events.Tags()["scalars"]
        }
    if not columns:
        raise TrainingError("this is no event file with scalars.")
    table = pd.DataFrame(columns).sort_index().rename_axis("step").reset_index()
    held_out = [tag for tag in columns if tag.lower() in _HELD_OUT]
    if held_out:
        table = table.ffill().loc[table[held_out].notna().any(axis=1)]
    return _recognise(table, batch_size)


def _recognise(table: pd.DataFrame, batch_size: int) -> pd.DataFrame:
    table.columns = [str(name).strip().lower() for name in table.columns]
    found = {ours: _find(table, names) for ours, names in _NAMES.items()}
    if _FASTAI_LOSS in table and found["val_accuracy"] is None and "accuracy" in table:
        found |= {"val_accuracy": "accuracy", "train_accuracy": None}  # fastai's is of validation
    if not any(found[name] for name in _FIGURES):
        raise TrainingError(
            f"found the columns {', '.join(table.columns[:12])}, none of them a loss or an "
            "accuracy. Name them as Lightning does: epoch, step, train_loss, val_loss, val_acc."
        )
    known = {ours: pd.to_numeric(table[name], errors="coerce") if name else float("nan")
             for ours, name in found.items()}  # fmt: skip
    frame = pd.DataFrame(known, index=table.index)
    return _complete(frame, batch_size)


def _find(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in table), None)


def _complete(frame: pd.DataFrame, batch_size: int) -> pd.DataFrame:
    """Return one row an epoch, epochs from 1, steps and images counted when they can be."""
    if frame["epoch"].isna().all():
        frame["epoch"] = range(1, len(frame) + 1)
    frame = frame.groupby("epoch", as_index=False).last()
    if frame["epoch"].min() == 0:
        frame["epoch"] += 1
        frame["step"] += 1
    if frame["images_seen"].isna().all():
        frame["images_seen"] = frame["step"] * batch_size
    for name in ("train_accuracy", "val_accuracy"):
        if frame[name].max() > 1:
            frame[name] /= 100
    return frame
