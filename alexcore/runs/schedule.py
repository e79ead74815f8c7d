"""What changes in the course of a run, from its configuration alone: a resume needs no state."""

import math

from alexcore.runs.config import TrainConfig, list_drops

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
    past = [rate for epoch, rate in list_drops(config.lr_drops) if step >= epoch * steps]
    return past[-1] if past else config.lr


def compute_colour_noise(config: TrainConfig, epoch: int) -> float:
    """Return the standard deviation of the colour noise in an epoch, counted from 1."""
    return 0.0 if _is_late(config, epoch, config.colour_noise_off) else config.colour_noise


def holds_conv1(config: TrainConfig, epoch: int) -> bool:
    """Whether conv1 is held in an epoch, counted from 1."""
    return _is_late(config, epoch, config.freeze_conv1)


def depends_on_epochs(config: TrainConfig) -> bool:
    """Whether what an epoch does depends on how many there are."""
    return bool(config.schedule != "step" or config.colour_noise_off or config.freeze_conv1)


def _is_late(config: TrainConfig, epoch: int, share: float) -> bool:
    """Whether an epoch is among the last ``share`` of the run's."""
    return epoch > config.epochs - round(share * config.epochs)


def _one_cycle(step: int, top: float, end: int) -> float:
    if step < top:
        return _blend(_ONE_CYCLE_FROM, 1, step / top)
    return _blend(1, _ONE_CYCLE_TO, (step - top) / (end - top) if end > top else 0)


def _blend(first: float, last: float, share: float) -> float:
    """Return what half a cosine from ``first`` to ``last`` has reached."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
