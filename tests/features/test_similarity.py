import numpy as np
import pytest
import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.features.similarity import explain_similarity


class Two(nn.Module):
    """A convolution that copies the picture's red, then a linear layer over all places."""

    def __init__(self) -> None:
        super().__init__()
        convolution = nn.Conv2d(3, 1, 1, bias=False)
        self.features = nn.Sequential(convolution, nn.ReLU())
        self.classifier = nn.Sequential(nn.Linear(16, 4), nn.ReLU(), nn.Linear(4, 2))
        nn.init.zeros_(convolution.weight)
        convolution.weight.data[0, 0] = 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.features(x).flatten(1))
        return logits


def test_heat_equals_autograd_by_hand() -> None:
    """Grad-CAM of one channel: its mean gradient times the channel."""
    torch.manual_seed(0)
    model = Two().eval()
    x, other = torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4)
    heat, _ = explain_similarity(model, x, other, "classifier.0")
    maps = x[:, :1].clone().requires_grad_()
    ends = model.classifier[0](other[:, :1].flatten(1)).detach()
    similarity = -(model.classifier[0](maps.flatten(1)) - ends).norm()
    (gradient,) = torch.autograd.grad(similarity, maps)
    expected = (gradient.mean() * maps)[0, 0].detach().numpy()
    np.testing.assert_allclose(heat, expected / np.abs(expected).max(), atol=1e-5)


def test_both_pictures_get_a_heatmap_and_the_model_is_left_as_found(half: nn.Module) -> None:
    x, other = torch.rand(2, 1, 3, 227, 227)
    left, right = explain_similarity(half, x, other, "classifier.4", cosine=True)
    assert left.shape == right.shape == (227, 227)
    assert np.abs(left).max() == pytest.approx(1)
    assert all(parameter.grad is None for parameter in half.parameters())
    assert not half.training


def test_a_node_inside_is_explained_by_the_convolution_before_it(half: nn.Module) -> None:
    x, other = torch.rand(2, 1, 3, 227, 227)
    left, _ = explain_similarity(half, x, other, "features.7")
    assert left.shape == (227, 227)


def test_explain_rejects_a_net_without_convolutions() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(12, 4), nn.ReLU(), nn.Linear(4, 2)).eval()
    with pytest.raises(ModelError, match="no convolution comes before"):
        explain_similarity(net, torch.rand(1, 3, 2, 2), torch.rand(1, 3, 2, 2), "1")
