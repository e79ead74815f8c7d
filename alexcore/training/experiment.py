"""An experiment: every combination of models, batch sizes and seeds, one run each."""

from dataclasses import replace
from itertools import product
from pathlib import Path

from alexcore.runs.config import TrainConfig
from alexcore.runs.run import find_begun


def plan_experiment(
    base: TrainConfig, models: list[str], batch_sizes: list[int], seeds: list[int]
) -> list[TrainConfig]:
    """Return one configuration a run, seeds slowest, so that a part is a whole comparison."""
    return [
        replace(base, model=model, batch_size=batch_size, seed=seed)
        for seed, model, batch_size in product(seeds, models, batch_sizes)
    ]


def is_over(folder: Path) -> bool:
    """Whether the run in ``folder`` needs no more work: it is finished, or it diverged.

    Raises:
        CheckpointError: There is a run, but it cannot be read.
    """
    run = find_begun(folder)
    return run is not None and (run.finished or run.diverged is not None)
