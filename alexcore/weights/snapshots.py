"""A run's convolutions through time: written compact while it trains, read back by epoch."""

from collections.abc import Mapping

from torch import Tensor, nn

from alexcore.runs.run import Run
from alexcore.runs.snapshots import find_snapshot, list_snapshots, plan_snapshots
from alexcore.weights.safetensors import load_weights, save_weights


def keep_snapshot(run: Run, epoch: int, model: nn.Module, ends: bool = False) -> None:
    """Write a model's convolutions into the run directory if the run wants those of this epoch.

    They are ``compact`` weights, but for the first convolution's: the error of int8 would drown
    what the first epochs add to it.

    Args:
        run: The run.
        epoch: How many were trained; 0 is before the first.
        model: The model.
        ends: Whether the run ends with this epoch, before the last that was planned.

    Raises:
        OSError: The disk is full or the folder cannot be written.
    """
    planned = plan_snapshots(run.snapshots, run.config.epochs)
    if epoch not in planned and not (planned and ends):
        return
    convolutions = {
        f"{path}.{key}": value
        for path, layer in model.named_modules()
        if isinstance(layer, nn.Conv2d)
        for key, value in layer.state_dict().items()
    }
    exact = (find_kernels_key(convolutions),)
    save_weights(find_snapshot(run.folder, epoch), convolutions, compact=True, exact=exact)


def load_snapshots(run: Run) -> dict[int, dict[str, Tensor]]:
    """Return the convolutions of each epoch that was kept, rising, by key as in ``state_dict``.

    Raises:
        CheckpointError: A file is damaged.
    """
    return {epoch: load_weights(path) for epoch, path in list_snapshots(run.folder).items()}


def find_kernels(state: Mapping[str, Tensor]) -> Tensor:
    """Return the first convolution's weights (C, 3, K, K) of a state dict or a snapshot."""
    return state[find_kernels_key(state)]


def find_kernels_key(state: Mapping[str, Tensor]) -> str:
    """Return the key of the first convolution's weights."""
    return next(key for key, value in state.items() if value.ndim == 4)
