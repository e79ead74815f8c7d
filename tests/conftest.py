"""What the tests share: a small drawn data set and one trained nowhere but real model."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from alexcore.datasets.creatures import create_creatures
from alexcore.models import create_model
from alexcore.training.config import TrainConfig, create_config
from alexcore.training.data import TrainingData, prepare_data


@pytest.fixture(scope="session")
def creatures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures of each species."""
    return create_creatures(tmp_path_factory.mktemp("data") / "creatures", per_species=6)


@pytest.fixture(scope="session")
def tiny_config() -> TrainConfig:
    """Two epochs of the half net with small hidden layers."""
    return create_config(model="half", batch_size=8, epochs=2, hidden=32)


@pytest.fixture(scope="session")
def tiny_data(
    creatures: Path, tiny_config: TrainConfig, tmp_path_factory: pytest.TempPathFactory
) -> TrainingData:
    return prepare_data(creatures, tiny_config, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def half() -> nn.Module:
    """The half net with random weights, in evaluation mode; tests must not change it."""
    torch.manual_seed(0)
    return create_model("half").eval()


@pytest.fixture
def run_module() -> Callable[..., "object"]:
    """Run ``python -m alexcore`` in a process of its own."""
    import subprocess
    import sys

    def run(*arguments: str, **options: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "alexcore", *arguments],
            capture_output=True,
            text=True,
            check=False,
            **options,  # type: ignore[call-overload]
        )

    return run
