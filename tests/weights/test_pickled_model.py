"""Whole models, saved by torch in every form, against what ``state_dict`` says of them."""

import io
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
import torchvision
from torch import Tensor, nn

from alexcore.errors import CheckpointError
from alexcore.models import create_model
from alexcore.weights.detect_variant import recognise
from alexcore.weights.untrusted import load_untrusted


def to_bytes(value: object, **options: object) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)  # type: ignore[arg-type]
    return file.getvalue()


def check_equal(read: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert list(read) == list(expected)
    for key, value in expected.items():
        assert torch.equal(read[key], value) and read[key].dtype == value.dtype, key


FORMS: dict[str, dict[str, object]] = {
    "zip": {},
    "legacy": {"_use_new_zipfile_serialization": False},
    "protocol 3": {"pickle_protocol": 3},
    "protocol 4": {"pickle_protocol": 4},
    "protocol 5": {"pickle_protocol": 5},
    "legacy protocol 5": {"pickle_protocol": 5, "_use_new_zipfile_serialization": False},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_whole_model_is_read_in_every_form(form: str) -> None:
    model = create_model("half", hidden=8)
    check_equal(load_untrusted(to_bytes(model, **FORMS[form])), model.state_dict())


@pytest.mark.parametrize("name", ["resnet18", "vgg11_bn", "squeezenet1_0", "mobilenet_v3_small"])
def test_other_models_are_read_as_torch_reads_them_and_refused_in_words(name: str) -> None:
    """With batch norms, buffers and nested modules; it is ``recognise`` that says no."""
    torch.manual_seed(0)
    model = getattr(torchvision.models, name)(num_classes=3)
    read = load_untrusted(to_bytes(model))
    check_equal(read, model.state_dict())
    with pytest.raises(CheckpointError, match=r"no AlexNet|fit none of full, half"):
        recognise(read)


class WithBatchNorm(nn.Module):
    """The half net with a batch norm behind conv1."""

    def __init__(self) -> None:
        super().__init__()
        half = create_model("half", hidden=8)
        features = half.get_submodule("features")
        assert isinstance(features, nn.Sequential)
        self.features = features.insert(1, nn.BatchNorm2d(48))
        self.classifier = half.classifier


def test_an_alexnet_with_batch_norm_is_refused_by_what_it_has_more() -> None:
    model = WithBatchNorm()
    read = load_untrusted(to_bytes(model))
    check_equal(read, model.state_dict())
    with pytest.raises(CheckpointError, match=r"fit none of full, half.*features\.\d+\.\w+ is"):
        recognise(read)


def test_wrapped_models_are_recognised() -> None:
    model = create_model("half", hidden=8)
    wrapped = [nn.DataParallel(model), torch.compile(model)]
    saved = [*wrapped, *({name: model} for name in ("model", "net", "state_dict", "weights"))]
    saved.append({"epoch": 3, "model": nn.DataParallel(model), "loss": [0.1]})
    for value in saved:
        found = recognise(load_untrusted(to_bytes(value)))
        assert found.model == "half"
        check_equal(found.state, model.state_dict())


class Outer:
    class Inner(nn.Module):
        """Nested, tied, with buffers of both kinds, a missing bias, attributes and a view."""

        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(3, 3, bias=False)
            self.second = self.first
            self.third = nn.Linear(3, 3)
            self.third.weight = self.first.weight
            self.register_buffer("kept", torch.arange(4))
            self.register_buffer("left", torch.arange(4), persistent=False)
            self.register_buffer("none", None)
            self.register_buffer("view", torch.arange(12.0).reshape(3, 4).T[1:, ::2])
            self.register_buffer("scalar", torch.tensor(2.5, dtype=torch.float64))
            self.register_buffer("nothing", torch.empty(0, 4))
            self.register_buffer("wide", torch.ones(2, dtype=torch.bfloat16))
            self.register_buffer("flags", torch.tensor([True, False]))
            self.absent: nn.Module | None
            self.register_module("absent", None)
            self.act = torch.relu
            self.extra = {"a set": {1, 2}, ("a", "tuple"): [object(), 10**40, b"bytes", 1j]}
            self.third.weight.note = "a parameter with an attribute"  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", FORMS)
def test_everything_a_module_may_hold_is_read_as_state_dict_reads_it(form: str) -> None:
    model = Outer.Inner()
    read = load_untrusted(to_bytes(model, **FORMS[form]))
    check_equal(read, model.state_dict())
    assert read["view"].stride() == model.get_buffer("view").stride()
    assert read["first.weight"].data_ptr() == read["second.weight"].data_ptr()


def test_a_class_that_is_nowhere_to_be_imported_is_no_hindrance(tmp_path: Path) -> None:
    """The file comes from another program, with a module of its own that ends with it."""
    (tmp_path / "somebodys_nets.py").write_text(
        "import torch\n"
        "from torch import nn\n"
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.features = nn.Sequential(\n"
        "            nn.Conv2d(3, 48, 11, 4), nn.ReLU(), nn.MaxPool2d(3, 2),\n"
        "            nn.Conv2d(48, 128, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),\n"
        "            nn.Conv2d(128, 192, 3, 1, 1), nn.ReLU(), nn.Conv2d(192, 192, 3, 1, 1),\n"
        "            nn.ReLU(), nn.Conv2d(192, 128, 3, 1, 1), nn.ReLU(), nn.MaxPool2d(3, 2))\n"
        "        self.classifier = nn.Sequential(\n"
        "            nn.Linear(4608, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, 8), nn.ReLU(),\n"
        "            nn.Linear(8, 5))\n"
        "net = Net()\n"
    )
    code = (
        "import torch, somebodys_nets as nets\n"
        "torch.save(nets.net, 'model.pth'); torch.save(nets.net.state_dict(), 'state.pth')\n"
        "torch.save(nets.net, 'old.pth', _use_new_zipfile_serialization=False)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    assert "somebodys_nets" not in sys.modules
    state = torch.load(tmp_path / "state.pth", weights_only=True)
    for name in ("model.pth", "old.pth"):
        found = recognise(load_untrusted((tmp_path / name).read_bytes()))
        assert found.model == "half"
        check_equal(found.state, state)
    assert "somebodys_nets" not in sys.modules


@pytest.mark.parametrize("form", FORMS)
def test_state_dicts_are_read_as_torch_reads_them(form: str) -> None:
    state = {
        "plain": torch.randn(4, 5),
        "turned": torch.randn(4, 5).T,
        "part": torch.randn(40)[8:20:3],
        "half": torch.randn(3).half(),
        "small": torch.tensor([-3, 4], dtype=torch.int8),
        "parameter": nn.Parameter(torch.randn(2)),
        "one": torch.tensor(7),
        "empty": torch.empty(0),
    }
    data = to_bytes(OrderedDict(state), **FORMS[form])
    check_equal(load_untrusted(data), torch.load(io.BytesIO(data), weights_only=False))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (OrderedDict(), "holds a dict and no state dict"),
        (object(), "holds a builtins.object, which has no layers and is no state dict"),
        (nn.Linear, "holds a class or function and no state dict"),
        (torch.ones(2), "holds a tensor and no state dict"),
        ({"model": {"lr": 0.1}}, "holds a dict and no state dict"),
        ({"a": torch.ones(2), "b": 3}, "holds a dict and no state dict: b is an int"),
        ({"a": torch.ones(2), 5: torch.ones(2)}, "no state dict: one of its keys is a tensor"),
        ({"a": torch.ones(1), "b": torch.ones(2, dtype=torch.cfloat)},
         "b is a tensor of torch.ComplexFloatStorage"),
        ({"a": torch.ones(1), "b": torch.eye(2).to_sparse()},
         "b is a torch._utils._rebuild_sparse_tensor"),
    ],
)  # fmt: skip
def test_load_rejects_what_holds_no_weights(value: object, reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        load_untrusted(to_bytes(value))


def test_a_name_in_a_file_is_no_markdown_in_an_error() -> None:
    """A page shows errors as Markdown, where a name could fetch a picture from another host."""
    name = "![x](https://example.org/x.png)"
    model = nn.Sequential(nn.Linear(1, 1))
    model[0].register_buffer("odd", torch.ones(1, dtype=torch.cfloat))
    model[0]._buffers[name] = model[0]._buffers.pop("odd")
    with pytest.raises(CheckpointError, match="not a plain tensor") as caught:
        load_untrusted(to_bytes(model))
    assert "?x?(https:??example.org?x.png)" in str(caught.value)
    with pytest.raises(CheckpointError, match="are no AlexNet") as caught:
        recognise({name: torch.ones(1)})
    assert "[" not in str(caught.value) and "/" not in str(caught.value)
