"""Crops of random size against torchvision's own RandomResizedCrop."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as transforms

from alexcore.runs.config import TrainConfig
from alexcore.training.batches import Share, iterate_training
from alexcore.training.crops import create_resizing_cropper, draw_boxes
from alexcore.training.data import TrainingData, create_targets

SHAPES = [(256, 256), (256, 400), (600, 256), (256, 1500)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scale_min", [0.08, 0.7])
def test_boxes_are_spread_as_torchvisions(shape: tuple[int, int], scale_min: float) -> None:
    """Kolmogorov and Smirnov's test of each side and corner; the fallback's box is one value."""
    sizes = np.tile(shape, (4000, 1))
    ours = draw_boxes(np.random.default_rng(0), sizes, scale_min)
    picture = torch.empty(3, *shape, dtype=torch.uint8)
    torch.manual_seed(0)
    draw = v2.RandomResizedCrop(224, scale=(scale_min, 1), antialias=True)
    theirs = [draw.make_params([picture]) for _ in range(1500)]
    for column, name in enumerate(("top", "left", "height", "width")):
        found = stats.ks_2samp(ours[:, column], [params[name] for params in theirs])
        assert found.pvalue > 1e-3, (name, found)


@pytest.mark.parametrize("shape", SHAPES)
def test_boxes_lie_in_the_picture(shape: tuple[int, int]) -> None:
    boxes = draw_boxes(np.random.default_rng(1), np.tile(shape, (5000, 1)), 0.3)
    top, left, height, width = boxes.T
    assert np.array_equal(boxes, np.rint(boxes))
    assert top.min() >= 0 and left.min() >= 0 and height.min() > 0 and width.min() > 0
    assert (top + height).max() <= shape[0] and (left + width).max() <= shape[1]
    # Sides are whole pixels, and where nothing fits the middle has less than three tenths.
    if shape == (256, 256):
        assert (height * width).min() / 256**2 >= 0.3 - 0.01
        assert (np.abs(np.log(width / height)) < np.log(4 / 3) + 0.02).all()
    again = draw_boxes(np.random.default_rng(1), np.tile(shape, (5000, 1)), 0.3)
    assert np.array_equal(boxes, again)


def test_a_box_is_scaled_as_torchvision_scales_it(tiny_data: TrainingData) -> None:
    boxes = np.array([[0, 0, 256, 256], [10, 20, 150, 200], [5, 0, 227, 227], [100, 3, 90, 120]])
    cut = create_resizing_cropper(tiny_data.train, 227, torch.device("cpu"))
    ours = cut([0, 1, 2, 3], boxes.astype(float))
    assert ours.shape == (4, 227, 227, 3) and ours.dtype == torch.uint8
    for row, box in enumerate(boxes):
        picture = torch.from_numpy(np.array(tiny_data.train.get(row))).permute(2, 0, 1)
        theirs = transforms.resized_crop(picture, *box.tolist(), [227, 227], antialias=True)
        assert torch.equal(ours[row].permute(2, 0, 1), theirs)
    untouched = tiny_data.train.get(2)[5:232, :227]
    assert np.array_equal(ours[2].numpy(), untouched)


def test_crops_of_random_size_follow_from_seed_and_epoch(
    tiny_config: TrainConfig, tiny_data: TrainingData
) -> None:
    targets = create_targets(tiny_data.train, tiny_data.classes)

    def first(config: TrainConfig, epoch: int) -> torch.Tensor:
        share = Share(torch.device("cpu"))
        return next(iterate_training(tiny_data.train, targets, config, epoch, share))[0]

    config = replace(tiny_config, scale_min=0.5)
    assert first(config, 1).shape == (8, 3, 227, 227)
    assert torch.equal(first(config, 1), first(config, 1))
    assert not torch.equal(first(config, 1), first(config, 2))
    assert not torch.equal(first(config, 1), first(tiny_config, 1))
