"""A model ready to answer, and everything one pass over one picture tells.

ModelSource -> ``load_model`` -> LoadedModel; (LoadedModel, Picture) -> ``infer`` -> Inference,
which panels, commands and reports read, so that nothing is computed twice.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, fx, nn

from alexcore.devices import device_errors_named, run_or_fall_back
from alexcore.errors import ModelError
from alexcore.images.preprocessing import to_input
from alexcore.images.sandbox import Picture
from alexcore.inference.embeddings import create_pixel_embedder, pool_maps
from alexcore.inference.extract import create_extractor, list_nodes
from alexcore.inference.predictions import Prediction, rank_classes
from alexcore.inspection.receptive_field import ReceptiveField
from alexcore.inspection.trace import Trace, trace_model
from alexcore.models.layer_names import find_last_hidden, name_layers
from alexcore.sources import ModelSource

Array = npt.NDArray[np.float32]
Lock = AbstractContextManager[object]


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModel:
    """A model in evaluation mode on a device, never changed and so shared by everybody.

    Attributes:
        source: Where it comes from.
        module: The net.
        extractor: Maps x (N, 3, H, W) to {node: output} of all nodes.
        names: {node: paper name}, in the order of computation.
        classes: Labels of the outputs.
        trace: Shapes, costs and receptive fields, for one picture of the source's crop.
        device: Where it computes.
    """

    source: ModelSource
    module: nn.Module
    extractor: nn.Module
    names: dict[str, str]
    classes: tuple[str, ...]
    trace: Trace
    device: torch.device

    @property
    def receptive_fields(self) -> dict[str, ReceptiveField | None]:
        """{node: what a cell sees}, None once it is the whole picture."""
        return {layer.node: layer.receptive_field for layer in self.trace.layers}

    @property
    def nodes(self) -> dict[str, str]:
        """{paper name: node}, in the order of computation."""
        return {name: node for node, name in self.names.items()}

    @property
    def layers(self) -> dict[str, str]:
        """{paper name: node} of the layers whose output is not just what they were given."""
        kept = ("drop", "flatten", "pad")
        return {label: node for label, node in self.nodes.items() if not label.startswith(kept)}

    @property
    def places(self) -> dict[str, fx.Node]:
        """{node: where it stands in the extractor's graph}, in the order of computation."""
        graph = cast(fx.GraphModule, self.extractor).graph
        places = [n for n in graph.nodes if n.op not in ("placeholder", "output")]
        return dict(zip(self.names, places, strict=True))

    @property
    def last_hidden(self) -> str:
        """The node whose output the last linear layer reads."""
        return find_last_hidden(self.module)

    def find_node(self, name: str) -> str:
        """Return a node by the paper's name or its own.

        Raises:
            ModelError: There is none.
        """
        node = self.nodes.get(name, name)
        if node not in self.names:
            raise ModelError(f"{self.source.name} has no layer {name!r}: {', '.join(self.nodes)}.")
        return node

    def create_embedder(
        self, node: str, lock: Lock | None = None
    ) -> Callable[[npt.NDArray[np.uint8]], Array]:
        """Return a function from crops uint8 (N, crop, crop, 3) to embeddings (N, D) of a node.

        Args:
            node: One of its nodes.
            lock: Held for each batch alone.
        """
        return create_pixel_embedder(
            self.module, node, self.source.preprocessing, self.device, lock
        )


def load_model(source: ModelSource, device: torch.device) -> LoadedModel:
    """Read the weights of a source and put the net on a device.

    Raises:
        CheckpointError: The weights are missing, damaged, or of another net.
    """
    module, classes = source.load()
    nodes = list_nodes(module)
    names = name_layers(module)
    module = module.to(device)
    return LoadedModel(
        source=source,
        module=module,
        extractor=create_extractor(module, nodes),
        names={node: names.get(node, node) for node in nodes},
        classes=classes,
        trace=trace_model(module, source.name, (1, 3, *(source.preprocessing.crop,) * 2)),
        device=device,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """What a model computed for one picture.

    Attributes:
        model: The model.
        picture: The picture.
        name: Of the picture.
        key: Tells it from all other inferences, ``""`` where nobody asks.
        activations: {node: (C, H, W) or (D,)} float32, read-only.
        predictions: The five likeliest classes.
    """

    model: LoadedModel
    picture: Picture
    name: str
    key: str
    activations: dict[str, Array]
    predictions: tuple[Prediction, ...]

    def find(self, name: str) -> Array:
        """Return the output of a layer by the paper's name or its node.

        Raises:
            ModelError: There is none.
        """
        return self.activations[self.model.find_node(name)]

    @property
    def logits(self) -> Array:
        """What the last layer gave, (K,)."""
        return self.activations[list(self.model.names)[-1]]

    def embed(self, node: str) -> Tensor:
        """Return the picture's embedding (D,) at a node; maps are averaged over space."""
        return pool_maps(torch.tensor(self.activations[node])[None])[0]


def infer(
    model: LoadedModel, picture: Picture, lock: Lock, name: str = "", key: str = ""
) -> Inference:
    """Run one picture through a model, and keep every node's output.

    Args:
        model: From ``load_model``.
        picture: Decoded for the model's preprocessing.
        lock: Held while the device computes.
        name: Of the picture.
        key: Tells the result from all others.

    Raises:
        AlexcoreError: The device has no memory for it, or is gone.
    """

    def run(extractor: nn.Module, device: torch.device) -> dict[str, Tensor]:
        outputs: dict[str, Tensor] = extractor(
            to_input(picture.pixels, model.source.preprocessing, device)
        )
        return outputs

    with lock, device_errors_named(), torch.inference_mode():
        outputs = run_or_fall_back(model.extractor, model.device, run)
        arrays = {node: value[0].float().cpu().numpy() for node, value in outputs.items()}
    for array in arrays.values():
        array.flags.writeable = False
    logits = torch.tensor(arrays[list(model.names)[-1]])
    return Inference(model, picture, name, key, arrays, rank_classes(logits, model.classes))
