"""Which part of the picture raises the score of a class: heatmaps through Captum.

model, x, class -> Grad-CAM, integrated gradients or occlusion -> heatmap (H, W), signed.
"""

from collections.abc import Callable
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, Occlusion
from torch import Tensor, nn

from alexcore.errors import ModelError
from alexcore.features.methods import Method
from alexcore.models.layer_names import list_map_layers

Heatmap = npt.NDArray[np.float32]
_STEPS = 32
_WINDOW, _STRIDE = 39, 16


def compute_heatmap(
    model: nn.Module,
    x: Tensor,
    target: int,
    method: Method,
    on_progress: Callable[[int, int], object] = lambda done, total: None,
) -> Heatmap:
    """Return how much each pixel raises (positive) or lowers (negative) the score of a class.

    Grad-CAM: Selvaraju et al., https://arxiv.org/abs/1610.02391, on relu5's maps.
    Integrated gradients: Sundararajan et al., https://arxiv.org/abs/1703.01365, from black.
    Occlusion: Zeiler and Fergus, https://arxiv.org/abs/1311.2901, a grey square moved in steps.

    Args:
        model: In evaluation mode; gradients of its weights are left as found.
        x: One picture, (1, 3, H, W).
        target: Index of the class.
        method: Which of the three.
        on_progress: Called with (parts done, parts in all) by the slow ones.

    Returns:
        (H, W) float32, divided by its largest absolute value, so in [-1, 1].

    Raises:
        ModelError: There is no such class.
    """
    with torch.no_grad():
        classes = int(model(x).shape[1])
    if not 0 <= target < classes:
        raise ModelError(f"got class {target}; the model has {classes}, counted from 0.")
    if method == "Grad-CAM":
        heat = _grad_cam(model, x, target)
    elif method == "integrated gradients":
        heat = _integrated_gradients(model, x, target, on_progress)
    else:
        heat = _occlusion(model, x, target, on_progress)
    return finish_heatmap(heat)


def finish_heatmap(heat: Tensor) -> Heatmap:
    """Return (H, W) divided by its largest absolute value, float32 in [-1, 1]."""
    values = heat.detach().float().cpu().numpy()
    peak = float(np.abs(values).max())
    return cast(Heatmap, (values / peak if peak > 0 else values).astype(np.float32))


def _grad_cam(model: nn.Module, x: Tensor, target: int) -> Tensor:
    cam = LayerGradCam(model, model.get_submodule(list_map_layers(model)[-1]))
    map_ = cam.attribute(x, target=target, relu_attributions=False)
    return cast(Tensor, LayerAttribution.interpolate(map_, x.shape[-2:], "bilinear")[0, 0])


def _integrated_gradients(
    model: nn.Module, x: Tensor, target: int, on_progress: Callable[[int, int], object]
) -> Tensor:
    """Sum over the colours; computed in one batch of steps."""
    on_progress(0, 1)
    found = IntegratedGradients(model).attribute(
        x, target=target, n_steps=_STEPS, internal_batch_size=_STEPS
    )
    on_progress(1, 1)
    return cast(Tensor, found[0].sum(dim=0))


def _occlusion(
    model: nn.Module, x: Tensor, target: int, on_progress: Callable[[int, int], object]
) -> Tensor:
    passes = 0
    steps = [-(-(side - _WINDOW) // _STRIDE) + 1 for side in x.shape[-2:]]
    batch = 16
    total = -(-steps[0] * steps[1] // batch) + 1

    def counted(value: Tensor) -> Tensor:
        nonlocal passes
        passes += 1
        on_progress(min(passes, total), total)
        return cast(Tensor, model(value))

    with torch.no_grad():
        found = Occlusion(counted).attribute(
            x,
            sliding_window_shapes=(3, _WINDOW, _WINDOW),
            strides=(3, _STRIDE, _STRIDE),
            target=target,
            perturbations_per_eval=batch,
        )
    return cast(Tensor, found[0].mean(dim=0))
