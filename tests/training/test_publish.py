from dataclasses import replace
from pathlib import Path

import pytest

from alexcore.errors import CheckpointError
from alexcore.runs.config import TrainConfig
from alexcore.training.data import TrainingData
from alexcore.training.loop import train
from alexcore.training.publish import ship_figures, ship_weights
from alexcore.weights.safetensors import load_model


def test_shipped_weights_are_small_and_say_what_they_cost(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    run = train(replace(tiny_config, epochs=1), tiny_data, tmp_path / "run")
    copy = ship_weights(run, tmp_path / "shipped" / "run", tiny_data)
    assert copy.weights_file.stat().st_size < run.weights_file.stat().st_size * 0.55
    assert "in float32" in copy.weights_note
    load_model(copy)
    figures = ship_figures(run, tmp_path / "figures")
    assert not figures.has_weights
    assert figures.history_file.read_bytes() == run.history_file.read_bytes()


def test_ship_rejects_unfinished_and_other_pictures(
    tiny_config: TrainConfig, tiny_data: TrainingData, tmp_path: Path
) -> None:
    run = train(replace(tiny_config, epochs=1), tiny_data, tmp_path / "run")
    with pytest.raises(CheckpointError, match="not finished"):
        ship_figures(replace(run, finished=False), tmp_path / "copy")
    other = replace(tiny_data, summary=tiny_data.summary | {"fingerprint": "0"})
    with pytest.raises(CheckpointError, match="other pictures"):
        ship_weights(run, tmp_path / "copy", other)
