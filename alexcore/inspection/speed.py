"""How fast a net runs here, beside the rate at which this machine multiplies matrices."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import nn
from torch.nn import functional

from alexcore.inspection.trace import trace_model
from alexcore.seeding import seeded

_MATRIX = 2048
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Speed:
    """Measured on one device, float32.

    Attributes:
        batch: Images a step.
        forward: Images a second in evaluation.
        training: Images a second of forward, backward and SGD step.
        matrix_flops: Floating point operations a second of a square matrix product.
        forward_share: Of that rate the forward pass uses; two operations a mult-add.
        training_share: The same of a training step, counted as three forward passes.
    """

    batch: int
    forward: float
    training: float
    matrix_flops: float
    forward_share: float
    training_share: float


def measure_speed(
    model: nn.Module,
    size: int,
    batch: int,
    device: torch.device,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Speed:
    """Time a forward pass and a training step on random images; medians of five.

    Args:
        model: Used up by the training steps; give one that is not needed again.
        size: Side of the input in pixels.
        batch: Images a step.
        device: Where to run.
        on_progress: Called with (measurements done, measurements in all).
    """
    mult_adds = trace_model(model, "measured", (1, 3, size, size)).mult_adds
    model = model.to(device).to(memory_format=torch.channels_last)
    with seeded(0):
        x = torch.randn(batch, 3, size, size).to(device, memory_format=torch.channels_last)
        matrix = torch.randn(_MATRIX, _MATRIX).to(device)
    product = _time(lambda: matrix @ matrix, device)
    on_progress(1, 3)
    model.eval()
    with torch.inference_mode():
        forward = _time(lambda: model(x), device)
    on_progress(2, 3)
    training = _time(_create_step(model, x), device)
    on_progress(3, 3)
    flops = 2 * _MATRIX**3 / product
    return Speed(
        batch=batch,
        forward=batch / forward,
        training=batch / training,
        matrix_flops=flops,
        forward_share=2 * mult_adds * batch / forward / flops,
        training_share=6 * mult_adds * batch / training / flops,
    )


def _create_step(model: nn.Module, x: torch.Tensor) -> Callable[[], object]:
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    y = torch.zeros(len(x), dtype=torch.int64, device=x.device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(functional.cross_entropy(model(x), y))
        optimizer.step()

    return step


def _time(work: Callable[[], object], device: torch.device) -> float:
    """Return the median seconds of ``work`` after one run to warm up."""
    seconds = []
    for _ in range(_REPEATS + 1):
        began = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        seconds.append(time.perf_counter() - began)
    return median(seconds[1:])
