"""Whose weights a run begins with; importing this does not import torch."""

from typing import Any

from alexcore.errors import TrainingError
from alexcore.runs.config import TrainConfig, create_config
from alexcore.settings import get_run_roots
from alexcore.sources import ModelSource, find_source


def find_start(config: TrainConfig) -> ModelSource | None:
    """Return whose weights a run begins with, None where they are drawn; nothing is loaded.

    Raises:
        CheckpointError: There is no model of that name.
        TrainingError: It is another net than the run's.
    """
    if not config.init:
        return None
    source = find_source(config.init, *get_run_roots())
    _check_net(source, config)
    return source


def _check_net(source: ModelSource, config: TrainConfig) -> None:
    if (source.spec.name, source.hidden) != (config.model, config.hidden):
        raise TrainingError(
            f"{config.init} is a net of model {source.spec.name} with hidden {source.hidden}, but "
            f"the run has {config.model} with {config.hidden}; leave both out, and they follow."
        )


def create_started_config(recipe: str = "article", **changes: Any) -> TrainConfig:
    """Return what ``create_config`` does, where the net follows the weights it begins with.

    Raises:
        TrainingError, ModelError: As ``create_config`` does, or another net is asked for.
        CheckpointError: There is no model to begin with of that name.
    """
    config = create_config(recipe, **changes)
    if not config.init:
        return config
    source = find_source(config.init, *get_run_roots())
    given = {name: value for name, value in changes.items() if value is not None}
    given = {"model": source.spec.name, "hidden": source.hidden} | given
    config = create_config(recipe, **given)
    _check_net(source, config)
    return config
