from pathlib import Path

import pytest
from safetensors.torch import save_file

from alexcore.errors import CheckpointError
from alexcore.inspection.compare import Total, compare_traces
from alexcore.inspection.nets import find_net, trace_net
from alexcore.inspection.trace import trace_model, trace_variant
from alexcore.models import create_model
from alexcore.runs.run import Run
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import create_file_source


def test_full_against_half_is_what_halving_does() -> None:
    found = compare_traces(
        trace_variant("full", num_classes=1000, hidden=4096),
        trace_variant("half", num_classes=1000, hidden=4096),
    )
    totals = {total.name: total for total in found.totals}
    # 40,702,632 / 62,378,344 and 335.6 M / 1,135.9 M.
    assert totals["parameters"].ratio == pytest.approx(0.6525, abs=1e-4)
    assert totals["mult-adds"].ratio == pytest.approx(0.2954, abs=1e-4)
    assert all(pair.left and pair.right for pair in found.pairs)
    changed = {pair.label: pair.changed for pair in found.pairs}
    assert changed["conv1"] == {"out_shape", "params", "mult_adds"}
    assert changed["relu6"] == frozenset()
    assert changed["fc7"] == frozenset()
    assert changed["fc6"] == {"attributes", "params", "mult_adds"}


def test_layers_only_one_net_has_stand_alone() -> None:
    found = compare_traces(trace_variant("original"), trace_variant("torchvision"))
    lone = {pair.label: (pair.left is None, pair.right is None) for pair in found.pairs}
    assert lone["norm1"] == lone["norm2"] == (False, True)
    assert lone["avgpool5"] == (True, False)
    assert lone["conv4"] == (False, False)
    changed = {pair.label: pair.changed for pair in found.pairs}
    assert "attributes" in changed["conv2"]  # two groups against one


def test_a_net_equals_itself() -> None:
    trace = trace_variant("zfnet")
    found = compare_traces(trace, trace)
    assert not any(pair.changed for pair in found.pairs)
    assert all(total.ratio == 1 for total in found.totals)


@pytest.mark.parametrize("name", ["resnet18", "vgg16", "mobilenet_v3_small", "squeezenet1_0"])
def test_every_layer_of_both_nets_is_there_once(name: str) -> None:
    left, right = trace_variant("full"), trace_net(name)
    pairs = compare_traces(left, right).pairs
    assert tuple(pair.left for pair in pairs if pair.left) == left.layers
    assert tuple(pair.right for pair in pairs if pair.right) == right.layers


def test_ratio_of_nothing_is_infinite() -> None:
    assert Total("mult-adds", 0, 5).ratio == float("inf")


def test_a_source_is_traced_as_the_net_it_loads(tiny_run: Run) -> None:
    """Its structure alone is read: the widths are the weights' own, and so is the input size."""
    net = find_net("tiny", [tiny_run.folder.parent], num_classes=7, hidden=9)
    assert not isinstance(net, str)
    module, _ = net.load()
    assert trace_net(net) == trace_model(module, "tiny", (1, 3, 227, 227))
    assert trace_net(net, 231, 2).layers[0].out_shape == (2, 48, 56, 56)  # (231 - 11) / 4 + 1


def test_nets_are_found_by_what_a_command_says(tmp_path: Path) -> None:
    save_file(create_model("half", 7, 16).state_dict(), file := tmp_path / "mine.safetensors")
    mine = trace_net(find_net(str(file), [], num_classes=3))
    assert mine.layers[-1].out_shape == (1, 7)
    assert mine.name == create_file_source(file.name, file.read_bytes()).name
    assert trace_net(find_net("half", [], 7, 16)).layers == mine.layers
    assert trace_net(find_net("untrained-half", [])).params == trace_variant("half").params
    assert trace_net(find_net("vgg11", [])).params == 132_863_336
    # Its weights are not shipped, and are not needed.
    assert trace_net(find_net("full-b8", [SHIPPED_RUNS])).name == "full-b8"


def test_find_net_rejects_unknown_names() -> None:
    with pytest.raises(CheckpointError, match=r"no run 'lenet'.*untrained-full.*torchvision's"):
        find_net("lenet", [])
