"""The masks of training crops, and the penalty on what a net answers off the creature."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from alexcore.datasets.creatures import IMAGE_SIZE, draw_parts
from alexcore.errors import TrainingError
from alexcore.images.preprocessing import Preprocessing
from alexcore.models.layer_names import list_map_layers
from alexcore.runs.config import TrainConfig, create_config
from alexcore.training.batches import Share, iterate_training
from alexcore.training.data import TrainingData, create_targets, prepare_data
from alexcore.training.loop import TrainingHooks, train
from alexcore.training.masks import SIDE, cut_masks, draw_masks, measure_stray
from alexcore.weights.safetensors import load_model


def test_stray_is_the_share_of_the_answers_off_the_creature() -> None:
    maps = torch.tensor([[[[3.0, -1.0], [0.0, 2.0]], [[1.0, 1.0], [0.0, -2.0]]]])
    creature = torch.zeros(1, SIDE, SIDE)
    creature[:, : SIDE // 2] = 1  # the upper half, so 2 of 3 + 1 + 1 + 2
    assert measure_stray(maps, creature).tolist() == pytest.approx([2 / 7])
    assert measure_stray(torch.zeros_like(maps), creature).tolist() == [0]


@pytest.mark.parametrize("changes", [{}, {"flip": True}, {"flip": True, "scale_min": 0.4}])
def test_masks_are_cut_as_their_pictures_are(
    tiny_data: TrainingData, tiny_config: TrainConfig, changes: dict[str, Any]
) -> None:
    """The same cuts are made in pictures that are the masks, drawn in full size."""
    config = replace(tiny_config, **changes)
    train = tiny_data.train
    whole = [
        draw_parts(item.label, int(Path(item.path).stem[-3:]))["creature"] for item in train.items
    ]
    shown = np.stack(whole).astype(np.uint8)[..., None].repeat(3, -1) * 255
    assert shown.shape[1:3] == (IMAGE_SIZE, IMAGE_SIZE)
    pictures = replace(train, data=shown.reshape(-1))
    masks = draw_masks(train, "creatures")
    targets, share = create_targets(train, tiny_data.classes), Share(torch.device("cpu"))
    preprocessing = Preprocessing(config.crop, config.resize)
    for x, _, _, creature in iterate_training(pictures, targets, config, 1, share, masks):
        assert creature is not None
        seen = x[:, 0] * preprocessing.std[0] + preprocessing.mean[0]
        cells, found = (functional.adaptive_avg_pool2d(each, 13) for each in (seen, creature))
        wrong = float((cells - found.flip(2)).abs().mean())
        assert float((cells - found).abs().mean()) < min(0.03, wrong / 2)


def test_a_run_with_focus_answers_on_the_creature(
    creatures: Path, tiny_config: TrainConfig, tmp_path: Path
) -> None:
    def train_with(focus: float) -> float:
        config = replace(tiny_config, focus=focus, epochs=6)
        data = prepare_data(creatures, config, tmp_path / "cache")
        assert (data.masks is None) == (focus == 0)
        run = train(config, data, tmp_path / str(focus), hooks=TrainingHooks())
        model, answers = load_model(run), []
        model.get_submodule(list_map_layers(model)[-1]).register_forward_hook(
            lambda *a: answers.append(a[2])
        )
        targets, share = create_targets(data.train, data.classes), Share(torch.device("cpu"))
        masks = draw_masks(data.train, "creatures")
        x, _, _, creature = next(iterate_training(data.train, targets, config, 9, share, masks))
        assert creature is not None
        with torch.no_grad():
            model(x)
        return float(measure_stray(answers[0], creature).mean())

    assert train_with(5.0) < train_with(0.0) - 0.05


def test_focus_needs_a_drawn_set(creatures: Path, tiny_config: TrainConfig, tmp_path: Path) -> None:
    other = creatures.rename(creatures.with_name("mine"))
    try:
        with pytest.raises(TrainingError, match="masks, which only creatures"):
            prepare_data(other, replace(tiny_config, focus=1.0), tmp_path)
    finally:
        other.rename(creatures)


def test_a_process_without_pictures_of_a_batch_has_no_masks_of_it() -> None:
    masks = torch.zeros(0, SIDE, SIDE, dtype=torch.uint8)
    cut = cut_masks(masks, torch.zeros(0, 4), torch.zeros(0, dtype=torch.bool))
    assert cut.shape == (0, SIDE, SIDE)
    assert measure_stray(torch.zeros(0, 2, 13, 13), cut).shape == (0,)


def test_focus_is_refused_where_no_convolution_learns() -> None:
    with pytest.raises(TrainingError, match="held convolutions cannot learn"):
        create_config("finetune", focus=1.0)
