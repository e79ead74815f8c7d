"""What this machine can do at most: matrix products, memory, decoding."""

import io
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from PIL import Image


def time_median(work: Callable[[], object], repeats: int = 7) -> float:
    """Return the median seconds of ``work`` after one run to warm up."""
    seconds = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return median(seconds[1:])


def measure_limits() -> dict[str, float]:
    """Return GFLOP/s of a matrix product, GB/s of a read, and decoded 12-megapixel JPEGs/s."""
    matrix = torch.randn(2048, 2048)
    product = time_median(lambda: matrix @ matrix)
    block = torch.ones(2**27)
    read = time_median(lambda: block.sum())
    pixels = np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize((4000, 3000)).save(file, "JPEG", quality=90)
    decode = time_median(lambda: Image.open(io.BytesIO(file.getvalue())).load())
    return {
        "matrix product, GFLOP/s": 2 * 2048**3 / product / 1e9,
        "memory read, GB/s": block.numel() * 4 / read / 1e9,
        "12-megapixel JPEG decodes, images/s": 1 / decode,
    }
