import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from alexcore.features.deconvolution import Projector
from alexcore.features.methods import Projection
from alexcore.inference.extract import create_extractor


class _TwoLayers(nn.Module):
    """Two convolutions and one ReLU for both, in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 5, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.second(self.relu(self.first(x))))  # type: ignore[no-any-return]


@pytest.fixture
def net() -> _TwoLayers:
    torch.manual_seed(0)
    return _TwoLayers().eval()


def _by_hand(net: _TwoLayers, x: Tensor, channel: int, cells: Tensor, guided: bool) -> Tensor:
    """Transposed convolutions with the signal rectified between them."""
    with torch.no_grad():
        first = net.first(x)
        second = net.second(first.relu())
        signal = torch.zeros_like(second)
        for row, (y, place) in enumerate(cells.tolist()):
            signal[row, channel, y, place] = 1
        signal = signal * (second > 0) if guided else signal
        signal = functional.conv_transpose2d(signal, net.second.weight, padding=1).relu()
        signal = signal * (first > 0) if guided else signal
        return functional.conv_transpose2d(signal, net.first.weight, padding=1)


@pytest.mark.parametrize("method", ["deconvolution", "guided backpropagation"])
def test_a_unit_is_brought_back_as_by_hand(net: _TwoLayers, method: Projection) -> None:
    x, channel, cells = torch.randn(3, 3, 8, 8), 2, torch.tensor([[4, 4], [0, 7], [3, 1]])
    expected = _by_hand(net, x, channel, cells, method == "guided backpropagation")
    extractor = create_extractor(net, ["second", "relu_1"])
    found = Projector(extractor, "relu_1", method)(x, channel, cells)
    torch.testing.assert_close(found, expected)
    before = Projector(extractor, "second", method)(x, channel, cells)
    if method == "deconvolution":  # which does not ask whether the cell was silent
        torch.testing.assert_close(before, expected)
    assert not x.requires_grad


def test_the_net_is_left_as_found(net: _TwoLayers) -> None:
    extractor = create_extractor(net, ["relu", "relu_1"])
    x = torch.randn(1, 3, 8, 8)
    answer = net(x)
    hooked: list[nn.Module] = []
    watch = nn.modules.module.register_module_forward_pre_hook(
        lambda module, _: hooked.append(module) if module._forward_pre_hooks else None
    )
    Projector(extractor, "relu_1", "deconvolution")(x, 0, torch.tensor([[4, 4]]))
    watch.remove()
    assert hooked and not {*hooked} & {*net.modules(), *extractor.modules()}
    assert net.relu.inplace and all(weight.grad is None for weight in net.parameters())
    torch.testing.assert_close(net(x), answer)


def test_a_pool_goes_back_to_where_its_maximum_was() -> None:
    net = nn.Sequential(nn.MaxPool2d(2)).eval()
    x = torch.tensor([[[[0.0, 3], [1, 2]]] * 3])
    found = Projector(create_extractor(net, ["0"]), "0", "deconvolution")(
        x, 1, torch.tensor([[0, 0]])
    )
    expected = torch.zeros(1, 3, 2, 2)
    expected[0, 1, 0, 1] = 1
    torch.testing.assert_close(found, expected)
