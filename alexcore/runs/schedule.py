"""The learning rate of each step, from the configuration alone, so that a resume needs no state."""

import math

from alexcore.runs.config import TrainConfig

_WARMUP_FROM = 0.01
_ONE_CYCLE_RISE, _ONE_CYCLE_FROM, _ONE_CYCLE_TO = 0.3, 1 / 25, 1 / 25e4


def compute_lr(config: TrainConfig, step: int, steps: int) -> float:
    """Return the learning rate of one step.

    Args:
        config: Of the run.
        step: Counted from 0 at the run's beginning.
        steps: How many make an epoch.

    The cosine falls to 0 (Loshchilov and Hutter, https://arxiv.org/abs/1608.03983) and the warm-up
    rises from a hundredth, both as in torchvision's reference; one-cycle has the cosine arms and
    the ends of ``torch.optim.lr_scheduler.OneCycleLR`` (Smith, https://arxiv.org/abs/1708.07120).
    """
    rise = round(config.warmup * steps)
    total = config.epochs * steps
    if config.schedule == "one-cycle":
        return config.lr * _one_cycle(step, (rise or _ONE_CYCLE_RISE * total) - 1, total - 1)
    if step < rise:
        return config.lr * (_WARMUP_FROM + (1 - _WARMUP_FROM) * step / rise)
    if config.schedule == "cosine":
        return config.lr * _blend(1, 0, (step - rise) / (total - rise))
    return config.lr if step < config.lr_drop_epoch * steps else config.lr_after


def _one_cycle(step: int, top: float, end: int) -> float:
    if step < top:
        return _blend(_ONE_CYCLE_FROM, 1, step / top)
    return _blend(1, _ONE_CYCLE_TO, (step - top) / (end - top) if end > top else 0)


def _blend(first: float, last: float, share: float) -> float:
    """Return what half a cosine from ``first`` to ``last`` has reached."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
