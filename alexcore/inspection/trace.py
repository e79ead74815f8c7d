"""One walk of a net over torch's meta device: what each layer does to shape, cost and view.

model -> torch.fx graph -> Interpreter on shapes alone -> one ``Layer`` a node -> ``Trace``.
Nothing is computed and no weight is needed, so any size is as quick as any other.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.utils import _pair
from torchvision.models.feature_extraction import NodePathTracer

from alexcore.errors import ModelError
from alexcore.inspection.receptive_field import ReceptiveField
from alexcore.models import create_model, get_spec
from alexcore.models.input_sizes import check_input_size
from alexcore.models.layer_names import name_layers
from alexcore.models.layers_2012 import LAYERS_2012, SpatialNorm

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """One node of the graph.

    Attributes:
        node: Its name, as ``torchvision.models.feature_extraction`` uses it.
        label: The paper's name, or the node's where the paper has none.
        kind: The module's or function's name.
        text: As PyTorch prints the module; a function with the nodes it takes.
        attributes: Kernel, stride, padding, groups and the like, where it has them.
        in_shape: Shape of its first input, batch first.
        out_shape: Shape of its output, batch first.
        params: Learnable numbers.
        mult_adds: Multiply-accumulates for the whole batch; a bias counts as one.
        saved_bytes: Bytes of activations autograd newly keeps for the backward pass, float32,
            without dropout's masks.
        receptive_field: What a cell sees, None once every cell sees the whole picture.
    """

    node: str
    label: str
    kind: str
    text: str
    attributes: dict[str, int]
    in_shape: Shape
    out_shape: Shape
    params: int
    mult_adds: int
    saved_bytes: int
    receptive_field: ReceptiveField | None

    @property
    def out_bytes(self) -> int:
        """Bytes of the output, float32."""
        return 4 * _count(self.out_shape)

    @property
    def live_bytes(self) -> int:
        """Bytes of input and output together: what inference holds while the layer runs."""
        return 4 * (_count(self.in_shape) + _count(self.out_shape))


@dataclass(frozen=True, slots=True)
class Trace:
    """A whole net at one input size.

    Attributes:
        name: What was traced.
        input_shape: (N, 3, H, W).
        layers: In the order of computation, the input left out.
    """

    name: str
    input_shape: Shape
    layers: tuple[Layer, ...]

    @property
    def params(self) -> int:
        """Learnable numbers in all."""
        return sum(layer.params for layer in self.layers)

    @property
    def mult_adds(self) -> int:
        """Multiply-accumulates of one forward pass of the batch."""
        return sum(layer.mult_adds for layer in self.layers)

    @property
    def peak_bytes(self) -> int:
        """Bytes of activations inference needs at once, along a net without branches."""
        return max(layer.live_bytes for layer in self.layers)

    @property
    def saved_bytes(self) -> int:
        """Bytes of activations a training step keeps for the backward pass."""
        return sum(layer.saved_bytes for layer in self.layers)

    def find(self, label_or_node: str) -> Layer:
        """Return a layer by its paper name or node.

        Raises:
            ModelError: There is none.
        """
        for layer in self.layers:
            if label_or_node in (layer.label, layer.node):
                return layer
        raise ModelError(f"{self.name} has no layer {label_or_node!r}.")


def trace_variant(
    name: str,
    input_size: int | None = None,
    batch: int = 1,
    num_classes: int | None = None,
    hidden: int | None = None,
) -> Trace:
    """Trace one of our variants, whose weights are never allocated.

    Raises:
        ModelError: The name is unknown, or the size does not fit; the text says at which layer.
    """
    size = get_spec(name).input_size if input_size is None else input_size
    with torch.device("meta"):
        model = create_model(name, num_classes=num_classes, hidden=hidden).eval()
    check_input_size(model.config, size)
    return trace_model(model, name, (batch, 3, size, size))


def trace_model(model: nn.Module, name: str, input_shape: Shape) -> Trace:
    """Trace any module that torch.fx can follow; the module is left as it is.

    Args:
        model: On any device; only its structure is read, through a copy on the meta device.
        name: What to call it.
        input_shape: (N, 3, H, W).

    Raises:
        ModelError: A layer cannot take what the one before it gives.
    """
    tracer = NodePathTracer(leaf_modules=LAYERS_2012)
    shell = _copy_to_meta(model)
    graph = tracer.trace(shell)
    names = {node.name: path for node, path in tracer.node_to_qualname.items()}
    recorder = _Recorder(fx.GraphModule(shell, graph), names, name_layers(shell))
    kind = next((parameter.dtype for parameter in shell.parameters()), torch.float32)
    recorder.run(torch.empty(input_shape, dtype=kind, device="meta", requires_grad=True))
    return Trace(name, input_shape, tuple(recorder.layers))


def _copy_to_meta(model: nn.Module) -> nn.Module:
    """Return the same modules in evaluation mode with weights that occupy no memory."""
    if not model.training and all(parameter.is_meta for parameter in model.parameters()):
        return model
    memo: dict[int, Any] = {
        id(tensor): nn.Parameter(torch.empty_like(tensor, device="meta"))
        if isinstance(tensor, nn.Parameter)
        else torch.empty_like(tensor, device="meta")
        for tensor in (*model.parameters(), *model.buffers())
    }
    return deepcopy(model, memo).eval()


class _Recorder(fx.Interpreter):
    """Runs the graph on meta tensors and notes one layer a node."""

    def __init__(
        self, module: fx.GraphModule, names: dict[str, str], labels: dict[str, str]
    ) -> None:
        super().__init__(module)
        self.extra_traceback = False
        self.layers: list[Layer] = []
        self._names = names
        self._labels = labels
        self._views: dict[str, ReceptiveField | None] = {}
        self._kept = {p.untyped_storage()._cdata for p in module.parameters()}

    def run_node(self, n: fx.Node) -> Any:
        inputs = [self.env[node] for node in n.all_input_nodes]
        fresh = 0

        def note(tensor: Tensor) -> Tensor:
            nonlocal fresh
            storage = tensor.untyped_storage()._cdata
            if storage not in self._kept:
                self._kept.add(storage)
                fresh += tensor.numel() * tensor.element_size()
            return tensor

        module = self.fetch_attr(str(n.target)) if n.op == "call_module" else None
        try:
            with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
                result = super().run_node(n)
        except RuntimeError as error:
            what = self._labels.get(str(n.target), n.name)
            shapes = ", ".join(str(tuple(i.shape)) for i in inputs if isinstance(i, Tensor))
            raise ModelError(
                f"{what} ({module or n.target}) cannot take {shapes}: {error}"
            ) from error
        if n.op == "placeholder":
            self._views[n.name] = ReceptiveField(1, 1, 0.0, result.shape[-1] - 1.0)
        elif n.op != "output" and isinstance(result, Tensor):
            self._views[n.name] = self._view(n, module, result)
            self.layers.append(self._layer(n, module, inputs, result, fresh))
        return result

    def _layer(
        self, n: fx.Node, module: nn.Module | None, inputs: list[Any], result: Tensor, saved: int
    ) -> Layer:
        path = self._names[n.name]
        kind = type(module).__name__ if module is not None else _function_name(n)
        params = sum(p.numel() for p in module.parameters()) if module is not None else 0
        in_shape = tuple(inputs[0].shape) if inputs and isinstance(inputs[0], Tensor) else ()
        return Layer(
            node=path,
            label=self._labels.get(path, path),
            kind=kind,
            text=self._describe(n, module),
            attributes=_attributes(module),
            in_shape=in_shape,
            out_shape=tuple(result.shape),
            params=params,
            mult_adds=_count_mult_adds(module, result.shape),
            saved_bytes=saved,
            receptive_field=self._views[n.name],
        )

    def _describe(self, n: fx.Node, module: nn.Module | None) -> str:
        """Return a module as it prints itself, on one line; a function with what it takes."""
        if module is not None:
            return " ".join(repr(module).split())
        return f"{_function_name(n)}({', '.join(self._names[i.name] for i in n.all_input_nodes)})"

    def _view(self, n: fx.Node, module: nn.Module | None, result: Tensor) -> ReceptiveField | None:
        """Follow the widest of the inputs' views through the node."""
        views = [self._views.get(node.name) for node in n.all_input_nodes]
        if not views or any(view is None for view in views):
            return None
        view = max((v for v in views if v is not None), key=lambda v: v.field)
        if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            kernel, stride = _pair(module.kernel_size)[0], _pair(module.stride)[0]
            padding, dilation = _pair(module.padding)[0], _pair(getattr(module, "dilation", 1))[0]
            window = (int(kernel), int(stride), int(padding), int(dilation))
            return view.through(*window, result.shape[-1])
        if isinstance(module, nn.ZeroPad2d):
            return view.padded(module.padding[0], module.padding[1])
        if isinstance(module, SpatialNorm):
            return replace(view, widened=view.widened + (module.size - 1) * view.jump)
        mixes = isinstance(module, nn.Linear | nn.AdaptiveAvgPool2d | nn.Flatten)
        return None if mixes or _function_name(n) in _MIXING else view


_MIXING = {"flatten", "adaptive_avg_pool2d", "mean", "reshape", "view"}


def _function_name(n: fx.Node) -> str:
    return str(n.target) if n.op == "call_method" else getattr(n.target, "__name__", str(n.target))


def _attributes(module: nn.Module | None) -> dict[str, int]:
    """Return the numbers that shape a layer; square kernels as one number."""
    found: dict[str, int] = {}
    if isinstance(module, nn.ZeroPad2d):
        return dict(zip(("left", "right", "top", "bottom"), module.padding, strict=True))
    for key in (
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "groups",
        "ceil_mode",
        "in_features",
        "out_features",
    ):
        value = getattr(module, key, None)
        if isinstance(value, tuple):
            value = value[0]
        if isinstance(value, int) and value is not False:
            found[key.removesuffix("_size")] = value
    return found


def _count_mult_adds(module: nn.Module | None, out: Sequence[int]) -> int:
    """Count as torchinfo does: every weight and bias once for each place it is applied."""
    if isinstance(module, nn.Conv2d):
        return sum(p.numel() for p in module.parameters()) * out[0] * _count(out[2:])
    if isinstance(module, nn.Linear):
        return sum(p.numel() for p in module.parameters()) * _count(out[:-1])
    return 0


def _count(shape: Sequence[int]) -> int:
    product = 1
    for side in shape:
        product *= int(side)
    return product
