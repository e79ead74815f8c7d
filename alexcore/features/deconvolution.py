"""What in a picture drives a unit: its answer on the way back to the pixels, through Captum.

extractor of a net + node -> Projector, on ReLUs of its own; x, channel, cells -> (N, 3, H, W).
"""

import warnings
from collections.abc import Callable
from typing import cast

import torch
from captum.attr import NeuronDeconvolution, NeuronGuidedBackprop
from torch import Tensor, fx, nn

from alexcore.features.methods import Projection

_CAPTUM: dict[Projection, type[NeuronDeconvolution | NeuronGuidedBackprop]] = {
    "deconvolution": NeuronDeconvolution,
    "guided backpropagation": NeuronGuidedBackprop,
}


class Projector:
    """A unit's answer brought back to the pixels that drive it.

    Deconvolution: Zeiler and Fergus, https://arxiv.org/abs/1311.2901. Guided backpropagation:
    Springenberg et al., https://arxiv.org/abs/1412.6806. Pools go back to where their maximum was;
    norms, which the first leaves out, by their gradient.
    """

    def __init__(self, extractor: nn.Module, node: str, method: Projection) -> None:
        """Copy the net's graph up to a node; weights are shared.

        Captum hooks every ReLU and the layer that is asked, and keeps one gradient a ReLU. So each
        place of the graph has a ReLU of its own, not in place, and what is hooked is nobody else's.

        Args:
            extractor: From ``create_extractor``, with the node among its outputs.
            node: One that gives maps.
            method: Which of the two.
        """
        whole = cast(fx.GraphModule, extractor).graph
        (output,) = whole.find_nodes(op="output")
        end, graph = output.args[0][node], fx.Graph()
        modules: dict[str, nn.Module] = {"unit": nn.Identity()}
        copies: dict[fx.Node, fx.Node] = {}
        for number, place in enumerate(whole.nodes):
            copy = copies[place] = graph.node_copy(place, copies.__getitem__)
            if place.op == "call_module":
                module = extractor.get_submodule(place.target)
                if isinstance(module, nn.ReLU):
                    copy.target, module = f"relu_{number}", nn.ReLU()
                modules[str(copy.target)] = module
            if place is end:
                break
        graph.output(graph.call_module("unit", (copies[end],)))
        net = fx.GraphModule(modules, graph).eval()
        self._captum = _CAPTUM[method](net, net.get_submodule("unit"))

    def __call__(self, x: Tensor, channel: int, cells: Tensor) -> Tensor:
        """Return what of each picture drives one of its cells.

        Args:
            x: (N, 3, H, W); left as it is.
            channel: Of the node.
            cells: Row and column of a cell in each picture, (N, 2) int64.

        Returns:
            (N, 3, H, W): positive where more of the colour drives the cell, negative where less.
        """
        rows, (ys, xs) = torch.arange(len(x)), cells.unbind(1)
        select: Callable[[Tensor], Tensor] = lambda maps: maps[rows, channel, ys, xs]  # noqa: E731
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it sets hooks, on what is our own
            found = self._captum.attribute(x.clone().requires_grad_(), select)
        return cast(Tensor, found.detach())
