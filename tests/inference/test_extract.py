import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from alexcore.errors import ModelError
from alexcore.inference.extract import create_extractor, extract_activations, list_nodes
from alexcore.models import create_model


def test_values_equal_walking_the_module_by_hand(half: nn.Module) -> None:
    torch.manual_seed(1)
    x = torch.randn(2, 3, 227, 227)
    nodes = list_nodes(half)
    seen = extract_activations(half, x, nodes)
    assert isinstance(half.features, nn.Sequential)
    assert isinstance(half.classifier, nn.Sequential)
    with torch.inference_mode():
        value = x
        for place, module in enumerate(half.features):
            value = module(value)
            assert torch.equal(seen[f"features.{place}"], value)
        value = torch.flatten(value, 1)
        for place, module in enumerate(half.classifier):
            value = module(value)
            assert torch.equal(seen[f"classifier.{place}"], value)


def test_recorded_convolution_survives_an_in_place_relu() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2)).eval()
    x = torch.randn(1, 3, 8, 8)
    seen = extract_activations(net, x, ["0", "1"])
    expected = net[0](x)
    assert bool((expected < 0).any())
    torch.testing.assert_close(seen["0"], expected)
    torch.testing.assert_close(seen["1"], expected.clamp_min(0))
    relu = net[1]
    assert isinstance(relu, nn.ReLU) and relu.inplace


def test_article_return_nodes_on_staged() -> None:
    model = create_model("staged").eval()
    nodes = {"conv1": "output1", "conv2": "output2", "conv3": "output3", "fc": "output4"}
    seen = extract_activations(model, torch.zeros(1, 3, 227, 227), nodes)
    assert {name: tuple(value.shape[1:]) for name, value in seen.items()} == {
        "output1": (96, 27, 27),
        "output2": (256, 13, 13),
        "output3": (256, 6, 6),
        "output4": (5,),
    }


def test_extractor_leaves_the_model_as_found() -> None:
    model = create_model("half", hidden=8).train()
    create_extractor(model, ["features.0"])
    list_nodes(model)
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


def test_extractor_shares_the_weights(half: nn.Module) -> None:
    extractor = create_extractor(half, ["features.0"])
    assert extractor.get_parameter("features.0.weight") is half.get_parameter("features.0.weight")


def test_extractor_rejects_what_is_no_node(half: nn.Module) -> None:
    with pytest.raises(ModelError, match=r"conv9: not all are nodes. There are features\.0"):
        create_extractor(half, ["conv9"])


def test_two_sessions_on_one_model_see_only_their_own(half: nn.Module) -> None:
    """Two threads, 200 interleaved requests, no lock: no request sees the other's picture."""
    torch.manual_seed(0)
    extractor = create_extractor(half, ["features.1", "features.12", "classifier.4"])
    pictures = [torch.randn(1, 3, 227, 227) for _ in range(2)]
    with torch.inference_mode():
        alone = [extractor(x) for x in pictures]
    barrier = threading.Barrier(2)

    def ask(session: int) -> bool:
        barrier.wait()
        with torch.inference_mode():
            answers = (extractor(pictures[session]) for _ in range(100))
            return all(
                torch.allclose(answer[node], alone[session][node], rtol=1e-4, atol=1e-5)
                for answer in answers
                for node in answer
            )

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, (0, 1))) == [True, True]
    assert not torch.allclose(alone[0]["features.1"], alone[1]["features.1"])
