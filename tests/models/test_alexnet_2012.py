"""``original`` against the 2012 program written down anew: towers apart, every window by hand.

NumPy in float64 from what the authors' files say; torch gives the weights alone.
"""

import math

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.inference.extract import create_extractor
from alexcore.models import create_model
from alexcore.models.alexnet import AlexNet
from alexcore.models.alexnet_2012 import V01_ORIGINAL
from alexcore.models.layer_names import name_layers
from alexcore.models.layers_2012 import MaskDropout, TowerLinear
from alexcore.weights.detect_variant import recognise
from alexcore.weights.filled import create_filled

Array = npt.NDArray[np.float64]


def convolve(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    """A last window may hang over the edge; what does not exist counts as 0."""
    kernel, side = weight.shape[-1], x.shape[-1]
    cells = 1 + math.ceil((2 * padding + side - kernel) / stride)
    out = np.empty((len(weight), cells, cells))
    for row, column in np.ndindex(cells, cells):
        window = np.zeros((len(x), kernel, kernel))
        for i, j in np.ndindex(kernel, kernel):
            y, z = row * stride - padding + i, column * stride - padding + j
            if 0 <= y < side and 0 <= z < side:
                window[:, i, j] = x[:, y, z]
        out[:, row, column] = np.tensordot(weight, window, 3) + bias
    return out


def pool(x: Array) -> Array:
    cells = math.ceil((x.shape[-1] - 3) / 2) + 1
    out = np.empty((len(x), cells, cells))
    for row, column in np.ndindex(cells, cells):
        window = x[:, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
        out[:, row, column] = window.max((1, 2))
    return out


def normalise(x: Array, scale: float = 1e-4 / 5) -> Array:
    sums = [(x[max(0, i - 2) : i + 3] ** 2).sum(0) for i in range(len(x))]
    return np.asarray(x * (2 + scale * np.stack(sums)) ** -0.75)


def normalise_spatially(x: Array) -> Array:
    sums = np.empty_like(x)
    for row, column in np.ndindex(*x.shape[1:]):
        window = x[:, max(0, row - 2) : row + 3, max(0, column - 2) : column + 3]
        sums[:, row, column] = (window**2).sum((1, 2))
    return np.asarray(x * (1 + 0.001 / 25 * sums) ** -0.75)


def rectify(x: Array) -> Array:
    return np.maximum(x, 0)


class Reference:
    """The program in evaluation; ``printed`` follows the paper's sentences on norms instead."""

    def __init__(self, model: AlexNet, printed: bool) -> None:
        state = {key: value.numpy() for key, value in model.state_dict().items()}
        self.weights = {
            label: (state[f"{path}.weight"], state[f"{path}.bias"])
            for path, label in name_layers(model).items()
            if label.startswith(("conv", "fc"))
        }
        self.printed = printed

    def run(self, picture: Array) -> dict[str, Array]:
        """Return some layers' outputs, tower a's channels before tower b's."""
        found: dict[str, Array] = {}
        ends = [self._convolve("conv1", tower, picture, 4, 0) for tower in (0, 1)]
        found["conv1"] = np.concatenate(ends)
        if self.printed:
            ends = [*np.split(normalise(rectify(found["conv1"]), 1e-4), 2)]
        ends = [rectify(pool(x if self.printed else normalise(x))) for x in ends]
        found["relu1"] = np.concatenate(ends)
        ends = [rectify(self._convolve("conv2", t, ends[t], 1, 2)) for t in (0, 1)]
        if self.printed:
            ends = [*np.split(normalise(np.concatenate(ends), 1e-4), 2)]
        else:
            ends = [normalise_spatially(normalise(x)) for x in ends]
        both = np.concatenate([pool(x) for x in ends])
        found["pool2"] = both
        ends = [rectify(self._convolve("conv3", t, both, 1, 1)) for t in (0, 1)]
        ends = [rectify(self._convolve("conv4", t, ends[t], 1, 1)) for t in (0, 1)]
        ends = [rectify(pool(self._convolve("conv5", t, ends[t], 1, 1))) for t in (0, 1)]
        found["relu5"] = np.concatenate(ends)
        both = found["relu5"].ravel()
        for layer in ("fc6", "fc7"):
            weight, bias = self.weights[layer]
            half = len(weight) // 2
            towers = (slice(half), slice(half, None))
            both = np.concatenate([rectify(weight[t] @ both + bias[t]) for t in towers])
            found[layer.replace("fc", "relu")] = both
            both = both * 0.5
        weight, bias = self.weights["fc8"]
        found["fc8"] = weight @ both + bias
        return found

    def _convolve(self, label: str, tower: int, x: Array, stride: int, padding: int) -> Array:
        weight, bias = (np.split(part, 2)[tower] for part in self.weights[label])
        return convolve(x, weight, bias, stride, padding)


@pytest.mark.parametrize(("size", "printed"), [(224, False), (200, False), (224, True)])
def test_original_is_the_authors_program(size: int, printed: bool) -> None:
    """In the program's own units, 0..255 minus the mean, where norms do something."""
    torch.manual_seed(0)
    model = create_model("original", 10, 64, as_printed=printed).double().eval()
    assert isinstance(model, AlexNet)
    for label, std in (("conv2", 0.03), ("fc6", 0.03), ("fc7", 0.3)):  # no layer drowned by biases
        path = next(path for path, name in name_layers(model).items() if name == label)
        nn.init.normal_(model.get_submodule(path).weight, 0, std)  # type: ignore[arg-type]
    picture = np.random.default_rng(1).uniform(-120, 130, (3, size, size))
    wanted = Reference(model, printed).run(picture)
    nodes = {path: label for path, label in name_layers(model).items() if label in wanted}
    if printed:  # where the ReLU comes first, the pool has what the program's ReLU has
        nodes = {path: label for path, label in nodes.items() if label not in ("relu1", "relu5")}
        names = {label: path for path, label in name_layers(model).items()}
        nodes |= {names["pool1"]: "relu1", names["pool5"]: "relu5"}
    with torch.inference_mode():
        found = create_extractor(model, nodes)(torch.from_numpy(picture)[None])
    assert found.keys() == wanted.keys()
    for label, value in found.items():
        ours, theirs = value[0].numpy(), wanted[label]
        assert ours.shape == theirs.shape
        assert np.abs(theirs).max() > 0.1
        assert np.abs(ours - theirs).max() <= 1e-12 * np.abs(theirs).max(), label


@pytest.mark.parametrize("printed", [False, True])
def test_first_weights_are_the_authors(printed: bool) -> None:
    torch.manual_seed(0)
    model = create_model("original", 100, 256, as_printed=printed)
    wide = 0.01 if printed else 0.03
    stds = (0.01, 0.01, wide, wide, wide, 0.01, 0.01, 0.01)
    biases = (0, 1, 0, 1, 1, 1, 1, 0)
    layers = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    for layer, std, bias in zip(layers, stds, biases, strict=True):
        assert float(layer.weight.detach().std()) == pytest.approx(std, rel=0.03)
        assert layer.bias is not None and bool((layer.bias == bias).all())


def test_dropout_masks_without_scaling_and_evaluation_multiplies() -> None:
    torch.manual_seed(0)
    dropout, x = MaskDropout(0.25), torch.rand(40_000) + 1
    masked = dropout(x)
    kept = masked > 0
    torch.testing.assert_close(masked[kept], x[kept])
    assert float(kept.float().mean()) == pytest.approx(0.75, abs=0.01)
    torch.testing.assert_close(dropout.eval()(x), 0.75 * x)


def test_linear_towers_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    layer, x = TowerLinear(6, 4), torch.randn(5, 6)
    whole = torch.block_diag(*layer.weight.chunk(2))
    torch.testing.assert_close(layer(x), x @ whole.T + layer.bias)


def test_only_the_authors_nets_can_be_as_printed() -> None:
    with pytest.raises(ModelError, match="leave it out"):
        create_model("zfnet", as_printed=True)


def test_weights_of_version_0_1_answer_as_they_did() -> None:
    """Whole files and runs of that version's original are told by their keys."""
    torch.manual_seed(0)
    old = create_model("original", 3, 8, **V01_ORIGINAL).eval()
    layers = [f"features.{n}" for n in (0, 4, 8, 10, 12)] + [f"classifier.{n}" for n in (1, 4, 6)]
    state = old.state_dict()
    assert list(state) == [f"{n}.{k}" for n in layers for k in ("weight", "bias")]
    steps = [type(module).__name__ for module in old.get_submodule("features").children()]
    whole = ["Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"]
    assert steps == whole * 2 + ["Conv2d", "ReLU"] * 3 + ["MaxPool2d"]
    found = recognise(state)
    assert (found.model, found.num_classes, found.hidden) == ("original", 3, 8)
    x = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        assert torch.equal(create_filled("original", 3, 8, found.state)(x), old(x))
