"""Ten crops against torchvision's five and their mirror images, on pictures of any shape."""

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from alexcore.images.preprocessing import Preprocessing, crop_square, normalise, to_array
from alexcore.images.sandbox import prepare_picture
from alexcore.inference.model import infer, load_model
from alexcore.inference.ten_crops import iterate_crops, predict_ten_crops
from alexcore.runs.run import load_run
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import create_run_source


def _paint(width: int, height: int) -> Image.Image:
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 255, (height, width, 3), np.uint8))


def _cut_ten(square: np.ndarray, crop: int) -> Tensor:
    five = v2.FiveCrop(crop)(torch.from_numpy(square.copy()).permute(2, 0, 1))
    return torch.stack([*five, *map(v2.functional.hflip, five)]).permute(0, 2, 3, 1)


@pytest.mark.parametrize("crop", [224, 227])
@pytest.mark.parametrize("size", [(256, 256), (257, 256), (256, 301), (1000, 257), (100, 90)])
def test_crops_are_torchvisions_of_the_middle(size: tuple[int, int], crop: int) -> None:
    """Its corners then; and the centre is the one crop a net is asked about otherwise."""
    image, preprocessing = _paint(*size), Preprocessing(crop)
    square = np.asarray(crop_square(image, preprocessing))
    assert square.shape == (256, 256, 3)
    ours = list(iterate_crops(torch.from_numpy(square.copy())[None], preprocessing, 10))
    theirs = _cut_ten(square, crop)
    for mine, other in zip(ours, theirs, strict=True):
        assert torch.equal(mine[0], other)
    (centre,) = iterate_crops(torch.from_numpy(square.copy())[None], preprocessing, 1)
    assert np.array_equal(centre[0].numpy(), to_array(image, preprocessing))
    assert torch.equal(centre, ours[4])


def test_the_answer_is_the_mean_of_the_softmax_outputs(tmp_path: Path) -> None:
    """Of a net that is sure of what it sees in noise: its logits' mean would say something else."""
    run = load_run(SHIPPED_RUNS / "half-b16-s1")
    model = load_model(create_run_source(run), torch.device("cpu"))
    preprocessing = model.source.preprocessing
    _paint(300, 260).save(tmp_path / "noise.png")
    picture = prepare_picture(tmp_path / "noise.png", (255, 255, 255), preprocessing)
    inference = infer(model, picture, threading.Lock())
    crops = _cut_ten(picture.square, preprocessing.crop)
    with torch.inference_mode():
        mean = model.module(normalise(crops, preprocessing)).softmax(1).mean(0)
    found = predict_ten_crops(inference, threading.Lock())
    assert [p.label for p in found] == [model.classes[i] for i in mean.argsort(descending=True)]
    expected = mean.sort(descending=True).values.tolist()
    assert [p.probability for p in found] == pytest.approx(expected, rel=1e-4)
    assert found != inference.predictions
