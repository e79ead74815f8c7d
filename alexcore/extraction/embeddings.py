"""One vector a picture: the last hidden layer's output, or any other node's."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from alexcore.extraction.activations import create_extractor
from alexcore.models.layers import find_last_hidden

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
        output: Tensor = extractor(x)["embedding"]
        return (output.mean(dim=(2, 3)) if output.ndim == 4 else output).float()

    return embed
