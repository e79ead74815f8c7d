"""An experiment: every combination of models, batch sizes and seeds, one run each."""

from dataclasses import replace
from itertools import product
from pathlib import Path

from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig
from alexcore.runs.run import find_begun


def plan_experiment(
    base: TrainConfig, models: list[str], batch_sizes: list[int], seeds: list[int]
) -> list[TrainConfig]:
    """Return one configuration a run, seeds slowest, so that a part is a whole comparison.

    Raises:
        TrainingError: A model cannot begin with the weights of ``base``.
        ModelError: There is no model of that name.
    """
    if base.init and (others := [model for model in models if model != base.model]):
        raise TrainingError(
            f"{', '.join(others)} cannot begin with {base.init}, a net of model {base.model}. "
            f"Give {base.model} as the only model (--models {base.model}), or begin with other "
            "weights (--init)."
        )
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
