"""Which epochs a run keeps its convolutions of, and where: ``snapshots/epoch-NNN.safetensors``."""

from pathlib import Path

SNAPSHOTS_FOLDER = "snapshots"
_PREFIX, _SUFFIX = "epoch-", ".safetensors"


def plan_snapshots(count: int, epochs: int) -> tuple[int, ...]:
    """Return epochs spread evenly over the logarithm of time, the start and the last among them.

    Args:
        count: How many; 0 for none, at least 2 otherwise. All where a run has no more.
        epochs: Of the run.

    Returns:
        Rising, from 0, which is before training, to ``epochs``.
    """
    steps = min(count, epochs + 1) - 1
    if steps < 1:
        return ()
    planned = [0]
    for number in range(steps):
        share = number / (steps - 1) if steps > 1 else 1.0
        planned.append(max(planned[-1] + 1, int(epochs**share + 0.5)))
    return tuple(planned)


def find_snapshot(folder: Path, epoch: int) -> Path:
    """Return where a run directory has the snapshot of an epoch, or would have it."""
    return folder / SNAPSHOTS_FOLDER / f"{_PREFIX}{epoch:03d}{_SUFFIX}"


def list_snapshots(folder: Path) -> dict[int, Path]:
    """Return a run directory's snapshots by epoch, rising."""
    files = (folder / SNAPSHOTS_FOLDER).glob(f"{_PREFIX}*{_SUFFIX}")
    numbers = {path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX): path for path in files}
    return dict(sorted((int(n), path) for n, path in numbers.items() if n.isdigit()))
