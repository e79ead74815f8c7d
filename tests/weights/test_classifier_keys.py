import pytest
import torch

from alexcore.models import create_model, list_models
from alexcore.weights.classifier_keys import is_from_v01, to_own_keys

NUMBERS = {"v01": (1, 4, 6), "article": (0, 3, 5), "flattened": (2, 5, 7)}


def create_keys(order: str) -> dict[str, torch.Tensor]:
    return {"features.0.weight": torch.zeros(1)} | {
        f"classifier.{n}.{kind}": torch.tensor(float(n))
        for n in NUMBERS[order]
        for kind in ("weight", "bias")
    }


@pytest.mark.parametrize(
    ("model", "order", "own"),
    [
        ("full", "v01", "article"),
        ("half", "v01", "article"),
        ("torchvision", "flattened", "v01"),
        ("full", "article", "article"),
        ("torchvision", "v01", "v01"),
        ("original", "v01", "v01"),
        ("zfnet", "v01", "v01"),
        ("full", "flattened", "flattened"),
        ("torchvision", "article", "article"),
    ],
)
def test_layers_get_the_variants_own_numbers_in_their_order(
    model: str, order: str, own: str
) -> None:
    given = create_keys(order)
    renamed = to_own_keys(given, model)
    assert list(renamed) == list(create_keys(own))
    assert all(a is b for a, b in zip(renamed.values(), given.values(), strict=True))


@pytest.mark.parametrize("name", [spec.name for spec in list_models()])
def test_own_keys_are_left_alone(name: str) -> None:
    with torch.device("meta"):
        state = create_model(name).state_dict()
    assert list(to_own_keys(state, name)) == list(state)
    assert not is_from_v01(state, name)


def test_a_numbering_that_is_none_is_left_alone() -> None:
    mixed = create_keys("v01") | create_keys("article")
    assert to_own_keys(mixed, "full") == mixed
    assert not is_from_v01(mixed, "full")


def test_version_0_1_is_told_by_its_keys() -> None:
    keys = create_keys("v01")
    found = {name: is_from_v01(keys, name) for name in ("full", "half", "torchvision", "original")}
    assert found == {"full": True, "half": True, "torchvision": False, "original": True}
