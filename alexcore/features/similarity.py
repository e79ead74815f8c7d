"""What makes two pictures alike for a node: where each would change their similarity.

Grad-CAM (Selvaraju et al., https://arxiv.org/abs/1610.02391) with the similarity of two embeddings
in the place of a class score, as in https://arxiv.org/abs/1905.00292.
"""

import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import Tensor, nn

from alexcore.errors import ModelError
from alexcore.features.attribution import Heatmap, finish_heatmap
from alexcore.inference.embeddings import pool_maps
from alexcore.inference.extract import create_extractor
from alexcore.models.layer_names import list_map_layers


def explain_similarity(
    model: nn.Module, x: Tensor, other: Tensor, node: str, cosine: bool = False
) -> tuple[Heatmap, Heatmap]:
    """Return for both pictures which places make them alike (positive) or unlike (negative).

    Args:
        model: In evaluation mode; gradients of its weights are left as found.
        x: One picture, (1, 3, H, W).
        other: The picture it is compared with, (1, 3, H, W).
        node: Where they are compared.
        cosine: By the cosine of the embeddings, else by their negative Euclidean distance.

    Returns:
        Two heatmaps (H, W) float32, each divided by its largest absolute value.

    Raises:
        ModelError: No convolution comes before the node.
    """
    extractor = create_extractor(model, {node: "embedding"})
    there = dict(extractor.named_modules())
    layers = [there[path] for path in list_map_layers(model) if path in there]
    if not layers:
        raise ModelError(f"no convolution comes before {node}.")
    with torch.no_grad():
        ends = [pool_maps(extractor(picture)["embedding"]) for picture in (x, other)]
    return (
        _attribute(extractor, layers[-1], x, ends[1], cosine),
        _attribute(extractor, layers[-1], other, ends[0], cosine),
    )


def _attribute(
    extractor: nn.Module, layer: nn.Module, x: Tensor, end: Tensor, cosine: bool
) -> Heatmap:
    def compare(picture: Tensor) -> Tensor:
        embedding = pool_maps(extractor(picture)["embedding"])
        if cosine:
            return nn.functional.cosine_similarity(embedding, end)
        return -(embedding - end).square().sum(1).sqrt()

    map_ = LayerGradCam(compare, layer).attribute(x, relu_attributions=False)
    return finish_heatmap(LayerAttribution.interpolate(map_, x.shape[-2:], "bilinear")[0, 0])
