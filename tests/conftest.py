"""What the tests share: a small drawn data set and one trained nowhere but real model."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from alexcore.datasets.creatures import create_creatures
from alexcore.datasets.folder import scan_folder
from alexcore.inference.model import load_model
from alexcore.models import create_model
from alexcore.retrieval.build import build_gallery
from alexcore.retrieval.store import GalleryKey
from alexcore.retrieval.stores import open_store
from alexcore.runs.config import TrainConfig, create_config
from alexcore.runs.run import Run, load_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import create_run_source
from alexcore.training.data import TrainingData, prepare_data
from alexcore.training.loop import TrainingHooks, train


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests leave in the data folder, such as digests, out of the checkout's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ALEXCORE_DATA", str(tmp_path_factory.mktemp("own") / "data"))
        yield


@pytest.fixture(scope="session")
def creatures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures of each species."""
    return create_creatures(tmp_path_factory.mktemp("data") / "creatures", per_species=6)


@pytest.fixture(scope="session")
def tiny_config() -> TrainConfig:
    """Two epochs of the half net with small hidden layers, in float32 on every machine."""
    return create_config(model="half", batch_size=8, epochs=2, hidden=32, precision="32-true")


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


@pytest.fixture(scope="session")
def tiny_run(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """A finished run of two epochs."""
    return train(tiny_config, tiny_data, tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture
def stopping() -> TrainingHooks:
    """A Stop in the second epoch of four steps, which leaves the first."""
    asked = iter([False] * 5 + [True])
    return TrainingHooks(should_stop=lambda: next(asked))


@pytest.fixture
def stopped_run(
    tiny_config: TrainConfig, tiny_data: TrainingData, stopping: TrainingHooks, tmp_path: Path
) -> Path:
    """The folder of a run that can be resumed with one of its two epochs done."""
    return train(tiny_config, tiny_data, tmp_path / "run", hooks=stopping).folder


@pytest.fixture(scope="session")
def data_folder(creatures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds a gallery of thirty pictures for the shipped model."""
    folder = tmp_path_factory.mktemp("dashboard")
    model = load_model(
        create_run_source(load_run(SHIPPED_RUNS / "half-b16-s1")), torch.device("cpu")
    )
    source, node = model.source, model.last_hidden
    key = GalleryKey("creatures", source.name, node, source.preprocessing, source.digest, "train")
    store = open_store(str(folder / "galleries"), key)
    build_gallery(store, scan_folder(creatures), model.create_embedder(node))
    return folder
