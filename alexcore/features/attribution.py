"""Which part of the picture raises the score of a class: heatmaps, most of them through Captum.

model, x, class -> ``compute_attribution`` -> (H, W), signed -> ``compute_heatmap`` -> in [-1, 1].
All of it happens in a copy that shares the weights: hooks never meet the model that others use.
"""

import copy
import itertools
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import DeepLift, InputXGradient, IntegratedGradients, LayerAttribution, Occlusion
from torch import Tensor, nn

from alexcore.errors import ModelError
from alexcore.features.methods import LAYERED, Method
from alexcore.inference.model import Lock
from alexcore.models.layer_names import list_map_layers
from alexcore.models.layers_2012 import SpatialNorm

Heatmap = npt.NDArray[np.float32]
Target = int | tuple[int, int]
"""A class by its logit, or two: the first's logit less the second's."""
OnParts = Callable[[int, int], object]

_STEPS, _BATCH = 32, 8
_WINDOW, _STRIDE = 39, 16
_NOISE = 0.1


def compute_heatmap(
    model: nn.Module,
    x: Tensor,
    target: Target,
    method: Method,
    on_progress: OnParts = lambda done, total: None,
    *,
    layer: str | None = None,
    lock: Lock | None = None,
) -> Heatmap:
    """Return ``compute_attribution``, whose arguments it takes, as (H, W) float32 in [-1, 1]."""
    heat = compute_attribution(model, x, target, method, on_progress, layer=layer, lock=lock)
    return finish_heatmap(heat)


def compute_attribution(
    model: nn.Module,
    x: Tensor,
    target: Target,
    method: Method,
    on_progress: OnParts = lambda done, total: None,
    *,
    layer: str | None = None,
    lock: Lock | None = None,
) -> Tensor:
    """Return how much each pixel raises (positive) or lowers (negative) the score of a class.

    Grad-CAM: Selvaraju et al., https://arxiv.org/abs/1610.02391. Grad-CAM++: Chattopadhay et al.,
    https://arxiv.org/abs/1710.11063, equations 10 and 19. LayerCAM: Jiang et al.,
    https://doi.org/10.1109/TIP.2021.3089943, equation 5. Gradient x input: Shrikumar et al.,
    https://arxiv.org/abs/1605.01713. Integrated gradients: Sundararajan et al.,
    https://arxiv.org/abs/1703.01365. Gradient SHAP: Lundberg and Lee,
    https://arxiv.org/abs/1705.07874. DeepLIFT, its rescale rule: Shrikumar et al.,
    https://arxiv.org/abs/1704.02685. Occlusion: Zeiler and Fergus,
    https://arxiv.org/abs/1311.2901, a square moved in steps. Grey is x = 0, the mean colour.

    Args:
        model: In evaluation mode; it is left as found, gradients of its weights too.
        x: One picture, (1, 3, H, W).
        target: Index of the class, or two of them for what tells the first from the second.
        method: One of ``METHODS``.
        on_progress: Called with (parts done, parts in all) by the slow ones.
        layer: Path of the module whose maps ``LAYERED`` methods read; the last of
            ``list_map_layers`` by default.
        lock: Held while the net computes; by occlusion, which takes longest, for each batch alone.

    Returns:
        (H, W), in the unit of the logits where a method adds up to them.

    Raises:
        ModelError: There is no such class, or the method does not fit the net.
    """
    if reason := explain_misfit(model, method):
        raise ModelError(reason)
    net = copy_net(model)
    score, x = _Score(net, target).eval(), x.detach().clone().requires_grad_()
    lock = lock or nullcontext()
    if method == "occlusion":
        return _add_colours(_occlusion(score, x.detach(), on_progress, lock))
    with lock:
        if method in LAYERED:
            path = list_map_layers(net)[-1] if layer is None else layer
            map_ = _read_layer(score, net.get_submodule(path), x, method)
            return cast(Tensor, LayerAttribution.interpolate(map_, x.shape[-2:], "bilinear")[0, 0])
        if method == "gradient x input":
            found = InputXGradient(score).attribute(x)
        elif method == "integrated gradients":
            run = _counted(score, _STEPS // _BATCH, on_progress)
            found = IntegratedGradients(run).attribute(
                x, n_steps=_STEPS, internal_batch_size=_BATCH
            )
        elif method == "gradient SHAP":
            found = _gradient_shap(score, x, on_progress)
        else:
            found = _deep_lift(score, x)
        return _add_colours(found)


def _add_colours(found: Tensor) -> Tensor:
    """Return (1, 3, H, W) as (H, W)."""
    return found[0].sum(dim=0).detach()


def explain_misfit(model: nn.Module, method: Method) -> str:
    """Return why a method does not fit a net, ``""`` where it does."""
    norms = any(isinstance(m, nn.LocalResponseNorm | SpatialNorm) for m in model.modules())
    if method == "DeepLIFT" and norms:
        return "DeepLIFT has no rule for response normalisation, which this net has."
    return ""


def finish_heatmap(heat: Tensor) -> Heatmap:
    """Return (H, W) divided by its largest absolute value, float32 in [-1, 1]."""
    values = heat.detach().float().cpu().numpy()
    peak = float(np.abs(values).max())
    return cast(Heatmap, (values / peak if peak > 0 else values).astype(np.float32))


def copy_net(model: nn.Module) -> nn.Module:
    """Return a copy that shares the weights and nothing else; its ReLUs overwrite nothing."""
    shared = {id(tensor): tensor for tensor in (*model.parameters(), *model.buffers())}
    net = copy.deepcopy(model, shared)
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    return net


class _Score(nn.Module):
    """A net that answers with the score that is asked about, (N,)."""

    def __init__(self, net: nn.Module, target: Target) -> None:
        super().__init__()
        self.net, self.target = net, target

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net(x)
        first, *second = self.target if isinstance(self.target, tuple) else (self.target,)
        for wanted in (first, *second):
            if not 0 <= wanted < logits.shape[1]:
                raise ModelError(
                    f"got class {wanted}; the model has {logits.shape[1]}, counted from 0."
                )
        return logits[:, first] - logits[:, second[0]] if second else logits[:, first]


def _counted(
    score: nn.Module, total: int, on_progress: OnParts, lock: Lock | None = None
) -> Callable[[Tensor], Tensor]:
    """Return the score as a function that says how many passes it made, and locks each."""
    passes = itertools.count(1)

    def run(x: Tensor) -> Tensor:
        on_progress(min(next(passes), total), total)
        with lock or nullcontext():
            return cast(Tensor, score(x))

    return run


def _read_layer(score: nn.Module, layer: nn.Module, x: Tensor, method: Method) -> Tensor:
    """Return a layer's channels (1, C, h, w) summed with the weights of a method, (1, 1, h, w)."""
    kept: list[Tensor] = []
    layer.register_forward_hook(lambda module, given, output: kept.append(output))
    value = score(x).sum()
    (gradient,) = torch.autograd.grad(value, kept[0])
    maps = kept[0].detach()
    weights = gradient.relu()
    if method == "Grad-CAM":
        weights = gradient.mean((2, 3), keepdim=True)
    elif method == "Grad-CAM++":
        below = 2 * gradient**2 + maps.sum((2, 3), keepdim=True) * gradient**3
        share = torch.where(below != 0, gradient**2 / below.where(below != 0, below + 1), 0)
        weights = (share * weights).sum((2, 3), keepdim=True)
    return (weights * maps).sum(1, keepdim=True)


def _gradient_shap(score: nn.Module, x: Tensor, on_progress: OnParts) -> Tensor:
    """Return Captum's ``GradientShap`` of a seed of its own.

    Captum draws from the two generators that all threads share, so that no seed holds in a
    server. The references are plain, from the picture's darkest value to its brightest.
    """
    generator = torch.Generator().manual_seed(0)
    x = x.detach()
    references = torch.linspace(float(x.min()), float(x.max()), _STEPS).reshape(-1, 1, 1, 1).to(x)
    total = torch.zeros_like(x)
    for start in range(0, _STEPS, _BATCH):
        reference = references[start : start + _BATCH]
        noise = torch.randn((_BATCH, *x.shape[1:]), generator=generator).to(x)
        way = torch.rand((_BATCH, 1, 1, 1), generator=generator).to(x)
        difference = x + _NOISE * x.std() * noise - reference
        points = (reference + way * difference).requires_grad_()
        (gradient,) = torch.autograd.grad(score(points).sum(), points)
        total += (difference * gradient).sum(0)
        on_progress(start + _BATCH, _STEPS)
    return total / _STEPS


class _Windows(nn.Module):
    """Lays the windows of a pool side by side, so that no two share a cell.

    Captum's rule for pools unpools, which keeps one of two windows whose maximum is one cell.
    """

    def __init__(self, pool: nn.MaxPool2d) -> None:
        super().__init__()
        self.side, self.step = cast(int, pool.kernel_size), cast(int, pool.stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, C, rows * side, columns * side)."""
        windows = x.unfold(2, self.side, self.step).unfold(3, self.side, self.step)
        return windows.transpose(3, 4).flatten(4, 5).flatten(2, 3)


def _deep_lift(score: nn.Module, x: Tensor) -> Tensor:
    for path, pool in list(score.named_modules()):
        if isinstance(pool, nn.MaxPool2d):
            apart = nn.Sequential(_Windows(pool), nn.MaxPool2d(pool.kernel_size))
            score.set_submodule(path, apart)
    with warnings.catch_warnings():  # says that it sets hooks, which here meet a copy alone
        warnings.simplefilter("ignore")
        try:
            return cast(Tensor, DeepLift(score).attribute(x))
        except RuntimeError as error:
            if "more than once" not in str(error):
                raise
            raise ModelError(
                "DeepLIFT needs a layer for each use, and this net uses a layer more than once."
            ) from error


def _occlusion(score: nn.Module, x: Tensor, on_progress: OnParts, lock: Lock) -> Tensor:
    """Return the mean fall over the windows that cover a pixel, a third of it for each colour."""
    steps = [-(-(side - _WINDOW) // _STRIDE) + 1 for side in x.shape[-2:]]
    run = _counted(score, -(-steps[0] * steps[1] // 16) + 1, on_progress, lock)
    with torch.no_grad():
        found = Occlusion(run).attribute(
            x,
            sliding_window_shapes=(3, _WINDOW, _WINDOW),
            strides=(3, _STRIDE, _STRIDE),
            perturbations_per_eval=16,
        )
    return cast(Tensor, found / 3)
