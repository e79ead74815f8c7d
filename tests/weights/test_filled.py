import pytest
import torch

from alexcore.errors import CheckpointError
from alexcore.models import create_model, list_models
from alexcore.weights.filled import create_filled


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_filled_model_answers_as_one_that_copies(name: str) -> None:
    torch.manual_seed(0)
    wanted = create_model(name, num_classes=3, hidden=8).eval()
    found = create_filled(name, 3, 8, wanted.state_dict())
    x = torch.rand(1, 3, wanted.config.input_size, wanted.config.input_size)
    assert torch.equal(found(x), wanted(x))
    assert not found.training


def test_filled_model_holds_the_tensors_themselves() -> None:
    state = {key: value.clone() for key, value in create_model("half", 3, 8).state_dict().items()}
    filled = create_filled("half", 3, 8, state).state_dict()
    assert {key: value.data_ptr() for key, value in filled.items()} == {
        key: value.data_ptr() for key, value in state.items()
    }


def test_filled_model_has_no_memory_in_common_with_itself() -> None:
    """Views of one large storage, an expanded scalar, and one tensor under two keys."""
    state = create_model("half", 8, 8).state_dict()
    biases = [key for key, value in state.items() if value.shape == (8,)]
    shared = torch.arange(8.0)
    state |= {biases[0]: shared, biases[1]: shared, biases[2]: torch.tensor(2.0).expand(8)}
    filled = create_filled("half", 8, 8, state).state_dict()
    assert len(biases) == 3
    assert filled[biases[0]].tolist() == filled[biases[1]].tolist() == list(range(8))
    assert filled[biases[2]].tolist() == [2.0] * 8
    assert len({value.untyped_storage().data_ptr() for value in filled.values()}) == len(filled)
    assert all(value.untyped_storage().nbytes() == value.nbytes for value in filled.values())


def test_filled_model_rejects_tensors_of_another() -> None:
    with pytest.raises(CheckpointError, match="these weights do not fit full"):
        create_filled("full", 3, 8, create_model("half", 3, 8).state_dict())
