"""The outputs of any nodes of a net, by torch.fx rather than by hooks.

model + node names -> ``create_extractor`` -> x (N, 3, H, W) -> {name: (N, ...)}. The extractor
shares the model's weights but nothing else, so that several sessions can use one model.
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, fx, nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from alexcore.errors import ModelError
from alexcore.models.layers_2012 import LAYERS_2012


def list_nodes(model: nn.Module) -> tuple[str, ...]:
    """Return the names of all nodes in evaluation mode, the input left out."""
    was_training = model.training
    _, nodes = get_graph_node_names(
        model, {"leaf_modules": LAYERS_2012}, suppress_diff_warning=True
    )
    model.train(was_training)
    return tuple(nodes[1:])


def create_extractor(
    model: nn.Module, return_nodes: Mapping[str, str] | Sequence[str]
) -> fx.GraphModule:
    """Return a module that maps x to the outputs of the given nodes.

    In-place ReLUs are replaced by ones that are not, since they would overwrite the
    convolution output recorded before them; the model itself is left as found.

    Args:
        model: Any module torch.fx can follow.
        return_nodes: Node names, or {node name: name in the result}. A module's path stands
            for its last node, so ``"conv1"`` names the output of the whole stage.

    Raises:
        ModelError: A name is no node of the model.
    """
    wanted = (
        dict(return_nodes) if isinstance(return_nodes, Mapping) else {n: n for n in return_nodes}
    )
    was_training = model.training
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            extractor = create_feature_extractor(
                model,
                wanted,
                tracer_kwargs={"leaf_modules": LAYERS_2012},
                suppress_diff_warning=True,
            )
    except ValueError as error:
        nodes = ", ".join(list_nodes(model))
        raise ModelError(f"{', '.join(wanted)}: not all are nodes. There are {nodes}.") from error
    finally:
        model.train(was_training)
    for path, module in list(extractor.named_modules()):
        if isinstance(module, nn.ReLU) and module.inplace:
            extractor.set_submodule(path, nn.ReLU())
    return cast(fx.GraphModule, extractor.eval())


def extract_activations(
    model: nn.Module, x: Tensor, return_nodes: Mapping[str, str] | Sequence[str]
) -> dict[str, Tensor]:
    """Run one batch and return the outputs of the given nodes.

    Args:
        model: Any module torch.fx can follow; it runs in evaluation mode without gradients.
        x: (N, 3, H, W), on the model's device.
        return_nodes: As for ``create_extractor``.

    Returns:
        {name: (N, C, H, W) or (N, D)}, float32, in the order asked for.

    Raises:
        ModelError: A name is no node, or x does not fit the model.
    """
    extractor = create_extractor(model, return_nodes)
    with torch.inference_mode():
        return cast(dict[str, Tensor], extractor(x))
