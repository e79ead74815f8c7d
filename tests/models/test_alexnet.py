import pytest
import torch
import torchvision
from torch import nn

from alexcore.errors import ModelError
from alexcore.models import create_model
from alexcore.models.alexnet import AlexNetConfig, ConvSpec
from alexcore.models.layer_names import find_last_hidden, name_layers


def test_torchvision_equals_torchvisions_own_bit_for_bit() -> None:
    torch.manual_seed(3)
    ours = create_model("torchvision").eval()
    torch.manual_seed(3)
    theirs = torchvision.models.alexnet().eval()
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    for key, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value), key
    x = torch.randn(2, 3, 224, 224)
    with torch.inference_mode():
        assert torch.equal(ours(x), theirs(x))


def test_torchvision_takes_other_input_sizes() -> None:
    model = create_model("torchvision", hidden=8).eval()
    assert model(torch.zeros(1, 3, 63, 63)).shape == (1, 1000)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("full", 62_378_344),
        ("half", 40_702_632),
        ("staged", 62_378_344),
        ("torchvision", 61_100_840),
        ("original", 60_965_224),
        ("one_gpu", 59_798_312),
        ("original_no_norms", 60_965_224),
        ("original_2x2_pools", 60_965_224),
        ("original_no_exchange", 60_714_408),
        # 14,208 + 614,656 + 885,120 + 1,327,488 + 884,992 in the convolutions, then
        # 9,216 x 4,096 + 4,096, 4,096 x 4,096 + 4,096 and 4,096 x 1,000 + 1,000.
        ("zfnet", 62_357_608),
    ],
)
def test_parameters_are_as_published(name: str, params: int) -> None:
    with torch.device("meta"):
        model = create_model(name, num_classes=1000, hidden=4096)
    assert sum(p.numel() for p in model.parameters()) == params


def test_half_with_article_hidden_width() -> None:
    with torch.device("meta"):
        model = create_model("half", num_classes=1000)
    assert sum(p.numel() for p in model.parameters()) == 16_630_440


def test_article_keys() -> None:
    with torch.device("meta"):
        full, staged = create_model("full"), create_model("staged")
    layers = [f"features.{n}" for n in (0, 3, 6, 8, 10)] + [f"classifier.{n}" for n in (0, 3, 5)]
    assert list(full.state_dict()) == [f"{n}.{k}" for n in layers for k in ("weight", "bias")]
    stages = ["conv1.0", "conv2.0", "conv3.0", "conv3.2", "conv3.4", "fc.0", "fc.3", "fc.5"]
    assert list(staged.state_dict()) == [f"{n}.{k}" for n in stages for k in ("weight", "bias")]


def test_staged_equals_full_of_the_same_weights() -> None:
    torch.manual_seed(0)
    full, staged = create_model("full").eval(), create_model("staged").eval()
    ordered = zip(staged.state_dict(), full.state_dict().values(), strict=True)
    staged.load_state_dict(dict(ordered))  # as test_article_keys names both
    x = torch.randn(1, 3, 227, 227)
    with torch.inference_mode():
        assert torch.equal(full(x), staged(x))
        torch.manual_seed(1)
        dropped = full.train()(x)
        torch.manual_seed(1)
        assert torch.equal(dropped, staged.train()(x))
        assert not torch.equal(dropped, full.eval()(x))


def test_staged_shapes() -> None:
    with torch.device("meta"):
        staged = create_model("staged")
        x = torch.empty(1, 3, 227, 227)
    shapes = []
    for stage in (staged.conv1, staged.conv2, staged.conv3):
        assert isinstance(stage, nn.Sequential)
        x = stage(x)
        shapes.append(tuple(x.shape[1:]))
    assert shapes == [(96, 27, 27), (256, 13, 13), (256, 6, 6)]


def test_full_rejects_224_with_the_arithmetic() -> None:
    model = create_model("full", hidden=8)
    with pytest.raises(ModelError, match=r"256 x 5 x 5 = 6,400 .* 256 x 6 x 6 = 9,216"):
        model(torch.zeros(1, 3, 224, 224))


def test_config_rejects_no_classes() -> None:
    with pytest.raises(ModelError, match="num_classes=0"):
        AlexNetConfig((ConvSpec(8, 3),), num_classes=0)


def test_create_rejects_unknown_name() -> None:
    with pytest.raises(ModelError, match="no model 'vgg'; there are full, half"):
        create_model("vgg")


def test_layers_carry_the_papers_names() -> None:
    with torch.device("meta"):
        names = name_layers(create_model("original"))
    assert list(names.values()) == [
        "pad1", "conv1", "norm1", "pool1", "relu1", "conv2", "relu2", "norm2", "spatial2", "pool2",
        "conv3", "relu3", "conv4", "relu4", "conv5", "pool5", "relu5", "fc6", "relu6", "drop7",
        "fc7", "relu7", "drop8", "fc8",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["full", "half"])
def test_the_articles_classifier_has_one_dropout(name: str) -> None:
    with torch.device("meta"):
        model = create_model(name)
    names = name_layers(model)
    found = {path: names[path] for path in names if path.startswith("classifier")}
    assert found == {
        "classifier.0": "fc6",
        "classifier.1": "relu6",
        "classifier.2": "drop7",
        "classifier.3": "fc7",
        "classifier.4": "relu7",
        "classifier.5": "fc8",
    }


@pytest.mark.parametrize(
    ("name", "last"),
    [("full", "classifier.4"), ("half", "classifier.4"), ("staged", "fc.4"),
     ("torchvision", "classifier.5"), ("original", "classifier.4"), ("zfnet", "classifier.5")],
)  # fmt: skip
def test_last_hidden_is_found_in_every_layout(name: str, last: str) -> None:
    with torch.device("meta"):
        model = create_model(name)
    assert find_last_hidden(model) == last
    assert name_layers(model)[last] == "relu7"


def test_dropout_stands_where_it_is_asked_for() -> None:
    with torch.device("meta"):
        model = create_model("half", dropout_before=("fc7", "fc8"))
    kinds = [type(layer).__name__ for layer in model.get_submodule("classifier").children()]
    assert kinds == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    assert find_last_hidden(model) == "classifier.4"
