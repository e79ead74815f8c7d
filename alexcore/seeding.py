"""Random numbers of a seed, the same whatever other threads draw meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_DRAWING = threading.RLock()


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Let torch's generator of the CPU draw from ``seed``, and leave it as it was.

    Modules draw their first weights from the one generator that all threads share. Whatever
    draws from it does so in here, one thread at a time: two visitors of a page would otherwise
    mix their numbers, and get weights that no seed gives.
    """
    with _DRAWING, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
