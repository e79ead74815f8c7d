"""A run's net as it was at the epochs it kept: drawn, with a snapshot's convolutions, at its end.

Run -> ``list_moments`` -> ``load_moment`` -> a LoadedModel like any other.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from alexcore.inference.model import LoadedModel, load_model
from alexcore.runs.run import Run
from alexcore.runs.snapshots import list_snapshots
from alexcore.training.first_weights import create_net
from alexcore.weights.filled import create_filled
from alexcore.weights.safetensors import load_weights


@dataclass(frozen=True, slots=True)
class Moment:
    """An epoch of a run.

    Attributes:
        epoch: How many were trained; 0 is before the first.
        snapshot: The convolutions of it, where nothing else is known of the net; None at the end,
            and at a start that is drawn again from the seed.
    """

    epoch: int
    snapshot: Path | None = None

    @property
    def version(self) -> int:
        """Tells the snapshot from one that takes its place, 0 without one."""
        return self.snapshot.stat().st_mtime_ns if self.snapshot else 0


def list_moments(run: Run) -> tuple[Moment, ...]:
    """Return the epochs of a run with weights whose net can be had, rising; the end among them.

    The start is drawn again from the seed; of a run that began with another's weights it is had
    only where there is a snapshot.
    """
    end = int(run.last["epoch"]) if run.last else run.config.epochs
    found = {
        epoch: Moment(epoch, path)
        for epoch, path in list_snapshots(run.folder).items()
        if epoch < end
    } | {end: Moment(end)}
    if not run.config.init:
        found[0] = Moment(0)
    return tuple(found[epoch] for epoch in sorted(found))


def load_moment(model: LoadedModel, moment: Moment) -> LoadedModel:
    """Return the net of a run at an epoch.

    With a snapshot the convolutions are that epoch's, and all that comes behind them is the
    finished net's, whose tensors it shares.

    Args:
        model: The finished net of the run.
        moment: From ``list_moments`` of the run.

    Raises:
        CheckpointError: The snapshot is missing, damaged or of another net.
    """
    source, run = model.source, model.source.run
    if run is None or (moment.snapshot is None and moment.epoch):
        return model
    if moment.snapshot is None:
        module = create_net(run.config, len(run.classes)).eval()
    else:
        state = model.module.state_dict() | load_weights(moment.snapshot)
        module = create_filled(run.model, len(run.classes), run.hidden, state, run.config.dropout)
    then = replace(
        source,
        name=f"{source.name} at epoch {moment.epoch}",
        digest=f"{source.digest}-{moment.epoch}-{moment.version}",
        load=lambda: (module, model.classes),
    )
    return load_model(then, model.device)
