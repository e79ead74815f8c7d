"""One vector a picture: the last hidden layer's output, or any other node's."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from alexcore.devices import device_errors_named
from alexcore.images.preprocessing import Preprocessing, normalise
from alexcore.inference.extract import create_extractor
from alexcore.models.layer_names import find_last_hidden

Embedder = Callable[[Tensor], Tensor]


def create_embedder(model: nn.Module, node: str | None = None) -> Embedder:
    """Return a function from x (N, 3, H, W) to embeddings (N, D), float32.

    Args:
        model: An AlexNet.
        node: Any node; the last hidden layer after its ReLU when None (the paper, section 6.1).
            Maps (N, C, H, W) are averaged over space to (N, C).

    Raises:
        ModelError: The node is not one of the model's.
    """
    extractor = create_extractor(model, {node or find_last_hidden(model): "embedding"})

    @torch.inference_mode()
    def embed(x: Tensor) -> Tensor:
        return pool_maps(extractor(x)["embedding"])

    return embed


def pool_maps(output: Tensor) -> Tensor:
    """Return (N, D) float32 of a node's output: maps (N, C, H, W) averaged over space."""
    return (output.mean(dim=(2, 3)) if output.ndim == 4 else output).float()


def create_pixel_embedder(
    model: nn.Module,
    node: str,
    preprocessing: Preprocessing,
    device: torch.device,
    lock: AbstractContextManager[object] | None = None,
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    """Return a function from crops uint8 (N, crop, crop, 3) to embeddings float32 (N, D).

    Args:
        model: In evaluation mode on ``device``.
        node: One of its nodes.
        preprocessing: Of the run.
        device: Where to compute.
        lock: Held for each batch alone, so that others get their turn during long work.

    Raises:
        ModelError: The node is not one of the model's.
        AlexcoreError: By the function, when the device has no memory for one picture, or is gone.
    """
    embed = create_embedder(model, node)

    def run(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        x = normalise(torch.from_numpy(pixels).to(device), preprocessing)
        vectors: npt.NDArray[np.float32] = embed(x).cpu().numpy()
        return vectors

    def embed_pixels(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with lock or nullcontext(), device_errors_named():
            return halve_on_shortage(run, pixels)

    return embed_pixels


def halve_on_shortage(
    run: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]], batch: npt.NDArray[np.uint8]
) -> npt.NDArray[np.float32]:
    """Run a batch, in halves of halves where the device has no memory for it whole.

    Raises:
        torch.OutOfMemoryError: There is none for a single picture either.
    """
    try:
        return run(batch)
    except torch.OutOfMemoryError:
        if len(batch) == 1:
            raise
        torch.cuda.empty_cache()
    middle = len(batch) // 2
    return np.concatenate([halve_on_shortage(run, part) for part in np.split(batch, [middle])])
