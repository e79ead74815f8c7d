"""Colours changed at random against torchvision's functions and by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms.v2 import functional as transforms

from alexcore.images.preprocessing import Preprocessing
from alexcore.runs.config import TrainConfig, create_config
from alexcore.training.batches import Share, iterate_training
from alexcore.training.colours import draw_colours
from alexcore.training.data import TrainingData, create_targets

PREPROCESSING = Preprocessing()
MEAN, STD = (
    torch.tensor(values)[:, None, None] for values in (PREPROCESSING.mean, PREPROCESSING.std)
)
PLAIN = create_config()


def _change(pictures: Tensor, config: TrainConfig, seed: int = 0) -> Tensor:
    """Pictures (N, 3, H, W) in [0, 1] -> the same, changed as the engine changes x."""
    x = ((pictures - MEAN) / STD).to(memory_format=torch.channels_last)
    colours = draw_colours(np.random.default_rng(seed), config, len(x))
    changed = colours.apply(x, np.arange(len(x)))
    assert changed.is_contiguous(memory_format=torch.channels_last)
    return changed * STD + MEAN


@pytest.fixture
def pictures() -> Tensor:
    return torch.rand(40, 3, 9, 11, generator=torch.manual_seed(0)) * 0.2 + 0.4


def test_grey_is_torchvisions(pictures: Tensor) -> None:
    changed = _change(pictures, replace(PLAIN, grey=1.0))
    theirs = transforms.rgb_to_grayscale(pictures, num_output_channels=3)
    torch.testing.assert_close(changed, theirs, rtol=0, atol=1e-5)


def test_jitter_is_torchvisions(pictures: Tensor) -> None:
    """Saturation, contrast, brightness, in that order; pictures so dull that nothing is clipped."""
    config = replace(PLAIN, jitter=0.3)
    rng = np.random.default_rng(5)
    rng.normal(size=(40, 3))  # the PCA shifts come first
    brightness, contrast, saturation = rng.uniform(0.7, 1.3, (3, 40))
    changed = _change(pictures, config, seed=5)
    for row, picture in enumerate(pictures):
        theirs = transforms.adjust_saturation(picture, saturation[row])
        theirs = transforms.adjust_contrast(theirs, contrast[row])
        theirs = transforms.adjust_brightness(theirs, brightness[row])
        assert theirs.min() > 0 and theirs.max() < 1
        torch.testing.assert_close(changed[row], theirs, rtol=0, atol=1e-4)


def test_permuting_gives_each_order_as_often(pictures: Tensor) -> None:
    many = pictures[:1, :, :2, :1].repeat(3000, 1, 1, 1)
    changed = _change(many, replace(PLAIN, permute_colours=0.6))[:, :, 0, 0]
    source = many[0, :, 0, 0]
    orders = (changed[:, :, None] - source).abs().argmin(2)  # (N, 3)
    torch.testing.assert_close(changed, source[orders], rtol=0, atol=1e-5)
    seen, counts = torch.unique(orders, dim=0, return_counts=True)
    assert len(seen) == 6
    # One order in six of those permuted is the old one: 0.4 + 0.1, the others 0.1 each.
    assert counts.max() / 3000 == pytest.approx(0.5, abs=0.03)
    assert counts.sort().values[:5].float().mean() / 3000 == pytest.approx(0.1, abs=0.01)


def test_share_of_greys_and_what_is_left_alone(pictures: Tensor) -> None:
    many = pictures.repeat(50, 1, 1, 1)
    changed = _change(many, replace(PLAIN, grey=0.2))
    is_grey = (changed.amax(1) - changed.amin(1)).amax((1, 2)) < 1e-5
    assert is_grey.float().mean() == pytest.approx(0.2, abs=0.03)
    torch.testing.assert_close(changed[~is_grey], many[~is_grey], rtol=0, atol=1e-6)


def test_the_shift_is_the_same_beside_other_changes(pictures: Tensor) -> None:
    noisy = replace(PLAIN, colour_noise=0.1)
    shift = _change(pictures, noisy) - pictures
    both = _change(pictures, replace(noisy, grey=1.0))
    grey = transforms.rgb_to_grayscale(pictures, num_output_channels=3)
    torch.testing.assert_close(both - grey, shift, rtol=0, atol=1e-5)


def test_noise_by_roots_is_the_authors() -> None:
    """Components of 11.9, 3.5 and 1.7 grey levels, then all divided by 1.1, about the mean."""
    config = create_config("paper2012")
    colours = draw_colours(np.random.default_rng(0), config, 20_000)
    changed = colours.apply(torch.full((20_000, 3, 1, 1), 50.0), np.arange(20_000))[:, :, 0, 0]
    shifts = changed.double() * 1.1 - 50
    torch.testing.assert_close(shifts.mean(0), torch.zeros(3).double(), rtol=0, atol=0.2)
    values = torch.linalg.eigvalsh(shifts.T.cov()).flip(0)
    assert values.sqrt().tolist() == pytest.approx([11.9, 3.5, 1.7], rel=0.02)
    plain = draw_colours(np.random.default_rng(0), replace(config, colour_noise=0.0), 4)
    x = torch.rand(4, 3, 5, 5)
    assert torch.equal(plain.apply(x, np.arange(4)), x)


def test_the_last_epochs_are_without_noise(
    tiny_config: TrainConfig, tiny_data: TrainingData
) -> None:
    def first(epoch: int, **changes: float) -> Tensor:
        config = replace(tiny_config, colour_noise_off=0.5, **changes)  # type: ignore[arg-type]
        targets = create_targets(tiny_data.train, tiny_data.classes)
        share = Share(torch.device("cpu"))
        return next(iterate_training(tiny_data.train, targets, config, epoch, share))[0]

    assert torch.equal(first(2, colour_noise=0.1), first(2, colour_noise=0.0))
    assert not torch.equal(first(1, colour_noise=0.1), first(1, colour_noise=0.0))
