"""Looks into a net while it learns: gradients, updates, silent ReLUs -> rows of ``layers.csv``.

The optimizer's own hooks show a step from before and after; every ``SAMPLED``-th is looked at, as
each look reads the weights several times over.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import fmean
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from alexcore.models.layer_names import name_layers
from alexcore.runs.layers import SAMPLED, LayerEpoch


class LayerRecorder:
    """Collects what happens in each layer during an epoch, then hands it out as rows."""

    def __init__(self, model: nn.Module, optimizer: torch.optim.Optimizer, fabric: Fabric) -> None:
        """Begin to look.

        Args:
            model: The net whose weights ``optimizer`` moves.
            optimizer: As Fabric wraps it or not.
            fabric: Brings processes together.
        """
        self._fabric = fabric
        self._weights: dict[str, Tensor] = {
            name: model.get_parameter(f"{path}.weight")
            for path, name in name_layers(model).items()
            if name.startswith(("conv", "fc"))
        }
        self._before = [torch.empty_like(weight) for weight in self._weights.values()]
        self._step = 0
        self._norms: list[Tensor] = []  # gradient, weights, change: (3, layers) a sampled step
        self._fired: dict[str, Tensor] = {}
        optimizer.register_step_pre_hook(self._look_before)
        optimizer.register_step_post_hook(self._look_after)

    @torch.no_grad()
    def _look_before(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        if self._step % SAMPLED:
            return
        weights = self._weights.values()
        torch._foreach_copy_(self._before, list(weights))
        sizes = torch.stack([before.norm() for before in self._before])
        # A frozen layer has no gradient. With float16 a fused optimizer unscales within the step.
        grads = [w.new_zeros(()) if w.grad is None else w.grad.norm() for w in weights]
        scale = getattr(optimizer, "grad_scale", None)
        gradients = torch.stack(grads) / (1 if scale is None else scale)
        self._norms.append(torch.stack([gradients, sizes]))

    @torch.no_grad()
    def _look_after(self, *_: Any) -> None:
        if self._step % SAMPLED == 0:
            weights = self._weights.values()
            changes = [b.sub_(w).norm() for b, w in zip(self._before, weights, strict=True)]
            self._norms[-1] = torch.cat([self._norms[-1], torch.stack(changes)[None]])
        self._step += 1

    @contextmanager
    def watching(self, model: nn.Module) -> Iterator[None]:
        """Note which ReLUs of ``model`` fire while the block has it look at pictures."""

        def note(layer: str, module: nn.Module, args: Any, output: Tensor) -> None:
            places = [axis for axis in range(output.ndim) if axis != 1]
            self._fired[layer] |= output.amax(places) > 0  # (C,)

        layers = {name[-1]: name for name in self._weights}  # conv1 by the 1 of relu1
        with ExitStack() as stack:
            for path, name in name_layers(model).items():
                if name.startswith("relu"):
                    layer = layers[name[-1]]
                    weight = self._weights[layer]
                    # Before any picture: a process that has none must bring its part too.
                    self._fired[layer] = weight.new_zeros(len(weight), dtype=torch.bool)
                    relu = model.get_submodule(path)
                    handle = relu.register_forward_hook(partial(note, layer))
                    stack.callback(handle.remove)
            yield

    def close_epoch(self, epoch: int) -> list[LayerEpoch]:
        """Return the epoch's rows, and begin the next; every process must come here."""
        # Sampled steps, 3, layers; none where float16 overflowed in every step.
        norms = torch.stack(self._norms).tolist() if self._norms else []
        rows = []
        for number, (name, weight) in enumerate(self._weights.items()):
            gradients, sizes, changes = ([at[i][number] for at in norms] for i in range(3))
            ratios = [change / size for change, size in zip(changes, sizes, strict=True) if size]
            std = float(weight.detach().std())
            silent = self._count_silent(name) if math.isfinite(std) else math.nan
            rows.append(LayerEpoch(epoch, name, _average(gradients), _average(ratios), silent, std))
        self._step, self._norms, self._fired = 0, [], {}
        return rows

    def _count_silent(self, layer: str) -> float:
        if layer not in self._fired:
            return math.nan
        votes: Any = self._fabric.all_reduce(self._fired[layer].float(), reduce_op="sum")
        return float((votes == 0).float().mean())


def _average(values: list[float]) -> float:
    """Return the mean of what is finite, NaN where nothing is."""
    finite = [value for value in values if math.isfinite(value)]
    return fmean(finite) if finite else math.nan
