import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from alexcore.devices import device_errors_named, run_or_fall_back
from alexcore.errors import AlexcoreError
from alexcore.inference.embeddings import create_embedder, halve_on_shortage
from alexcore.inference.predictions import rank_classes


def test_embedding_is_the_last_hidden_layer(half: nn.Module) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 227, 227)
    embedding = create_embedder(half)(x)
    assert embedding.shape == (2, 2048)
    last = half.get_submodule("classifier.5")
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


def test_a_batch_too_large_for_the_device_is_run_in_parts() -> None:
    sizes: list[int] = []

    def run(batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        sizes.append(len(batch))
        if len(batch) > 3:
            raise torch.OutOfMemoryError("too much")
        return batch[:, 0, 0].astype(np.float32)

    batch = np.arange(10 * 3, dtype=np.uint8).reshape(10, 1, 1, 3)
    np.testing.assert_array_equal(halve_on_shortage(run, batch), batch[:, 0, 0])
    assert sizes == [10, 5, 2, 3, 5, 2, 3]


def test_a_device_without_memory_for_one_picture_is_an_error_people_can_read() -> None:
    def run(batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        raise torch.OutOfMemoryError("too much")

    with (
        pytest.raises(AlexcoreError, match="ran out of memory"),
        device_errors_named(),
    ):
        halve_on_shortage(run, np.zeros((2, 1, 1, 3), np.uint8))


def test_a_device_without_memory_leaves_the_work_to_the_cpu() -> None:
    """The meta device stands for one that is full."""
    module = nn.Linear(2, 2)

    def run(borrowed: nn.Module, device: torch.device) -> str:
        if device.type == "meta":
            raise torch.OutOfMemoryError("too much")
        assert borrowed is not module
        return device.type

    with pytest.warns(RuntimeWarning, match="the CPU goes on"):
        assert run_or_fall_back(module, torch.device("meta"), run) == "cpu"
    with pytest.raises(torch.OutOfMemoryError):
        run_or_fall_back(
            module,
            torch.device("cpu"),
            lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("too much")),
        )
