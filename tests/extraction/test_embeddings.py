import pytest
import torch
from torch import nn

from alexcore.extraction.embeddings import create_embedder
from alexcore.extraction.prediction import rank_classes


def test_embedding_is_the_last_hidden_layer(half: nn.Module) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 227, 227)
    embedding = create_embedder(half)(x)
    assert embedding.shape == (2, 2048)
    last = half.get_submodule("classifier.6")
    with torch.inference_mode():
        torch.testing.assert_close(last(embedding), half(x))
    assert float(embedding.min()) >= 0


def test_embedding_of_maps_is_their_mean(half: nn.Module) -> None:
    x = torch.randn(1, 3, 227, 227)
    embedding = create_embedder(half, "features.0")(x)
    with torch.inference_mode():
        torch.testing.assert_close(embedding, half.get_submodule("features.0")(x).mean((2, 3)))


def test_rank_classes_by_hand() -> None:
    ranked = rank_classes(torch.log(torch.tensor([0.2, 0.5, 0.3])), ["a", "b", "c"], k=2)
    assert [r.label for r in ranked] == ["b", "c"]
    assert [r.probability for r in ranked] == pytest.approx([0.5, 0.3])
    assert len(rank_classes(torch.zeros(3), ["a", "b", "c"])) == 3
