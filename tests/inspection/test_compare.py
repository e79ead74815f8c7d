import pytest

from alexcore.errors import ModelError
from alexcore.inspection.compare import Total, compare_traces
from alexcore.inspection.trace import trace_any, trace_torchvision, trace_variant


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
    left, right = trace_variant("full"), trace_torchvision(name)
    pairs = compare_traces(left, right).pairs
    assert tuple(pair.left for pair in pairs if pair.left) == left.layers
    assert tuple(pair.right for pair in pairs if pair.right) == right.layers


def test_ratio_of_nothing_is_infinite() -> None:
    assert Total("mult-adds", 0, 5).ratio == float("inf")


def test_trace_any_rejects_unknown_names() -> None:
    assert trace_any("vgg11").params == 132_863_336
    with pytest.raises(ModelError, match="no network 'lenet': neither one of ours"):
        trace_any("lenet")
