"""Which device computes, chosen by itself unless it is named."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TypeVar

import torch
from torch import nn

from alexcore.errors import AlexcoreError


def select_device(name: str = "auto") -> torch.device:
    """Return CUDA, MPS or the CPU: the first there is, or the one that is named.

    Raises:
        AlexcoreError: The named device is not on this machine.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not available.get(name, False):
        have = ", ".join(key for key, there in available.items() if there)
        raise AlexcoreError(f"there is no device {name!r} here; there is {have}.")
    return torch.device(name)


def describe_device(device: torch.device) -> str:
    """Return the device's name as a person would know it."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


T = TypeVar("T")


def run_or_fall_back(
    module: nn.Module, device: torch.device, run: Callable[[nn.Module, torch.device], T]
) -> T:
    """Run something on a device, on the CPU with a copy of the module where memory runs out.

    Args:
        module: On ``device``; left there.
        device: Where it should run.
        run: Given the module and the device to use.

    Raises:
        torch.OutOfMemoryError: By ``run`` on the CPU.
    """
    try:
        return run(module, device)
    except torch.OutOfMemoryError:
        if device.type == "cpu":
            raise
    torch.cuda.empty_cache()
    warnings.warn("the device ran out of memory; the CPU goes on", RuntimeWarning, stacklevel=2)
    cpu = torch.device("cpu")
    return run(deepcopy(module).to(cpu), cpu)


@contextmanager
def device_errors_named() -> Iterator[None]:
    """Turn what a device out of memory, or gone, raises into an error people can act on.

    Raises:
        AlexcoreError: The device ran out of memory or no longer answers.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise AlexcoreError(
            "the device ran out of memory. Close what else uses it, choose a smaller net, or start "
            "with CUDA_VISIBLE_DEVICES= to compute on the CPU."
        ) from error
    except torch.AcceleratorError as error:
        raise AlexcoreError(
            f"the device no longer answers ({error}). Start the dashboard again; with "
            "CUDA_VISIBLE_DEVICES= it computes on the CPU."
        ) from error
