"""The first layer's kernels of a run through time: drawn, kept as snapshots, and at its end."""

from torch import Tensor

from alexcore.errors import CheckpointError
from alexcore.runs.run import Run
from alexcore.runs.snapshots import list_snapshots
from alexcore.training.first_weights import create_net
from alexcore.weights.safetensors import load_weights
from alexcore.weights.snapshots import find_kernels, load_snapshots


def load_kernels(run: Run) -> dict[int, Tensor]:
    """Return the first convolution's weights (C, 3, K, K) by epoch, rising.

    The start, epoch 0, is drawn again from the run's seed where there is no snapshot of it, but of
    runs that began with another's weights; the end is read from the run's weights where they are
    here.

    Raises:
        CheckpointError: The run kept neither weights nor snapshots, or a file is damaged.
    """
    if not (run.has_weights or list_snapshots(run.folder)):
        raise CheckpointError(f"{run.name} kept neither weights nor snapshots; train it again.")
    found = {epoch: find_kernels(state) for epoch, state in load_snapshots(run).items()}
    if 0 not in found and not run.config.init:
        found[0] = find_kernels(create_net(run.config, len(run.classes)).state_dict())
    if run.has_weights:
        end = int(run.last["epoch"]) if run.last else run.config.epochs
        if end not in found:  # a snapshot is exact, weights shipped before were not
            found[end] = find_kernels(load_weights(run.weights_file))
    return dict(sorted(found.items()))
