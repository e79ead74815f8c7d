"""In which numbers a run multiplies where nobody said: ``auto`` -> what this device is quick at."""

from dataclasses import replace

import torch

from alexcore.runs.config import TrainConfig
from alexcore.runs.run import Run

_CPU_FEATURES = ("avx512_bf16", "amx_bf16", "bf16")
"""Instructions that multiply bfloat16, on x86 and on ARM, as torch names them."""


def settle_precision(
    config: TrainConfig, device: torch.device, begun: Run | None = None
) -> TrainConfig:
    """Return the configuration with ``auto`` replaced by the precision the run has in truth.

    Args:
        config: Of the run.
        device: Where it is trained.
        begun: The run that is continued: it stays with what it began with, also on another
            machine.
    """
    if config.precision != "auto":
        return config
    if begun is not None:
        return replace(config, precision=begun.config.precision)
    return replace(config, precision="bf16-mixed" if has_fast_bf16(device) else "32-true")


def has_fast_bf16(device: torch.device) -> bool:
    """Whether a device multiplies bfloat16 in hardware."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu" or not hasattr(torch.cpu, "get_capabilities"):  # older torch has none
        return False
    features = torch.cpu.get_capabilities()
    return any(features.get(name, False) for name in _CPU_FEATURES)
