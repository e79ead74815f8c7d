"""Which input sizes a net accepts, by the arithmetic of its layers alone."""

from dataclasses import dataclass, replace

from alexcore.errors import ModelError
from alexcore.models.alexnet import AlexNetConfig


@dataclass(frozen=True, slots=True)
class SizeStep:
    """How one convolution or pool changes the side of the map.

    Attributes:
        label: The paper's name of the layer.
        before: Side of its input in cells.
        kernel: Side of its kernel.
        stride: Its step.
        padding: Cells added on each side.
        round_up: Whether a last window may hang over the right and lower edge.
    """

    label: str
    before: int
    kernel: int
    stride: int
    padding: int
    round_up: bool = False

    @property
    def after(self) -> int:
        """Side of its output: (before + 2 padding - kernel) / stride, rounded, + 1."""
        room = self.before + 2 * self.padding - self.kernel
        return (-(-room // self.stride) if self.round_up else room // self.stride) + 1

    @property
    def arithmetic(self) -> str:
        """The formula with this layer's numbers, and what it is rounded to."""
        exact = (self.before + 2 * self.padding - self.kernel) / self.stride + 1
        rounded = "" if exact == self.after else f" → {self.after}"
        return (
            f"({self.before} + 2·{self.padding} − {self.kernel}) / {self.stride} + 1 = "
            f"{exact:g}{rounded}"
        )


def compute_sizes(config: AlexNetConfig, size: int) -> tuple[SizeStep, ...]:
    """Walk an input of ``size`` pixels through the convolutions and pools.

    Stops after the first layer whose output would be empty.
    """
    steps: list[SizeStep] = []
    for number, conv in enumerate(config.convs, start=1):
        layers = [(f"conv{number}", conv.kernel, conv.stride, conv.padding)]
        if "pool" in conv.then:
            layers.append((f"pool{number}", conv.pool, 2, conv.pool_padding))
        for label, kernel, stride, padding in layers:
            steps.append(SizeStep(label, size, kernel, stride, padding, config.round_up))
            size = steps[-1].after
            if size < 1:
                return tuple(steps)
    return tuple(steps)


def repair(config: AlexNetConfig, round_up: bool | None, padding: int | None) -> AlexNetConfig:
    """Return a net with another rounding, or other zeros around the picture; None is its own."""
    first, *rest = config.convs
    if padding is not None:
        first = replace(first, padding=padding)
    rounding = config.round_up if round_up is None else round_up
    return replace(config, convs=(first, *rest), round_up=rounding)


def accepts_size(config: AlexNetConfig, size: int) -> bool:
    """Whether an input of ``size`` pixels reaches the classifier in a shape that fits."""
    last = compute_sizes(config, size)[-1].after
    return last == config.grid or (config.adaptive_pool and last >= 1)


def list_input_sizes(config: AlexNetConfig, low: int = 32, high: int = 512) -> tuple[int, ...]:
    """Return every size from ``low`` to ``high`` that the net accepts."""
    return tuple(size for size in range(low, high + 1) if accepts_size(config, size))


def check_input_size(config: AlexNetConfig, size: int) -> None:
    """Say why an input size cannot work, at which layer, and which sizes do.

    Raises:
        ModelError: With the arithmetic of every layer up to the one that fails.
    """
    if accepts_size(config, size):
        return
    steps = compute_sizes(config, size)
    last = steps[-1]
    walk = "; ".join(
        f"{step.label} {step.arithmetic}" for step in steps if step.before != step.after
    )
    near = sorted(list_input_sizes(config, 16, 1024), key=lambda n: abs(n - size))[:2]
    if last.after < 1:
        why = f"{last.label} has nothing left to cover: its kernel is {last.kernel} cells wide"
    else:
        channels = config.convs[-1].channels
        why = (
            f"{last.label} ends in {last.after} x {last.after} cells, {channels * last.after**2:,} "
            f"values, but fc6 is connected to {config.grid} x {config.grid}, "
            f"{channels * config.grid**2:,}"
        )
    raise ModelError(
        f"an input of {size} x {size} pixels does not fit. {walk}. So {why}. "
        f"The nearest sizes that work: {' and '.join(map(str, sorted(near)))}."
    )
