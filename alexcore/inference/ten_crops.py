"""The answer over ten crops of a picture: four corners, the centre, and the same five mirrored.

The paper, section 4.1, and averaged as its authors did: the softmax outputs of the ten, from whose
mean both the ranking and the log-probability come.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from alexcore.devices import device_errors_named, run_or_fall_back
from alexcore.images.preprocessing import Crops, Preprocessing, normalise
from alexcore.inference.model import Inference, Lock
from alexcore.inference.predictions import Prediction, rank_classes


def iterate_crops(squares: Tensor, preprocessing: Preprocessing, crops: Crops) -> Iterator[Tensor]:
    """Yield (N, crop, crop, 3) of each crop of squares (N, resize, resize, 3)."""
    side, ten = preprocessing.crop, crops == 10
    for mirrored in (False, True) if ten else (False,):
        for top, left in preprocessing.corners if ten else preprocessing.corners[-1:]:
            crop = squares[:, top : top + side, left : left + side]
            yield crop.flip(2) if mirrored else crop


def average_crops(
    module: nn.Module, squares: Tensor, preprocessing: Preprocessing, crops: Crops
) -> Tensor:
    """Return the log of each class's mean probability, float64 (N, classes) on the CPU.

    Args:
        module: In evaluation mode.
        squares: As ``crop_square`` cuts them, uint8 (N, resize, resize, 3) on the module's device.
        preprocessing: That of the module.
        crops: Over how many.
    """
    logs = torch.stack(
        [
            module(normalise(crop, preprocessing)).cpu().double().log_softmax(1)
            for crop in iterate_crops(squares, preprocessing, crops)
        ]
    )  # (crops, N, classes)
    return logs.logsumexp(0) - math.log(crops)


def predict_ten_crops(inference: Inference, lock: Lock) -> tuple[Prediction, ...]:
    """Return the five likeliest classes of an inference's picture over its ten crops.

    Args:
        inference: Whose model and picture count.
        lock: Held while the device computes.

    Raises:
        AlexcoreError: The device has no memory for it, or is gone.
    """
    model, square = inference.model, torch.from_numpy(inference.picture.square.copy())

    def run(module: nn.Module, device: torch.device) -> Tensor:
        return average_crops(module, square[None].to(device), model.source.preprocessing, 10)

    with lock, device_errors_named(), torch.inference_mode():
        logs = run_or_fall_back(model.module, model.device, run)
    return rank_classes(logs[0], model.classes)
