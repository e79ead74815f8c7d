"""The articles' nets, written as the articles write them, come in as the variants they are."""

import io

import pytest
import torch
from torch import Tensor, nn

from alexcore.models import create_model
from alexcore.weights.detect_variant import recognise
from alexcore.weights.untrusted import load_untrusted


class FirstArticle(nn.Module):
    """Torchvision's layers, flattened inside the classifier."""

    def __init__(self, classes: int = 1000, hidden: int = 4096) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(),
            nn.Linear(256 * 6 * 6, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Linear(hidden, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.avgpool(self.features(x)))
        return logits


def create_classifier(channels: int, hidden: int, classes: int) -> nn.Sequential:
    """The second article's, on maps of 6 x 6."""
    return nn.Sequential(
        nn.Linear(channels * 6 * 6, hidden),
        nn.ReLU(inplace=True),
        nn.Dropout(p=0.5),
        nn.Linear(hidden, hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, classes),
    )


class SecondArticle(nn.Module):
    """Full width; ``Half`` below has every convolution halved."""

    widths = (96, 256, 384, 384, 256)

    def __init__(self, classes: int = 5, hidden: int = 2048) -> None:
        super().__init__()
        c1, c2, c3, c4, c5 = self.widths
        self.features = nn.Sequential(
            nn.Conv2d(3, c1, kernel_size=11, stride=4),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(c1, c2, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(c2, c3, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(c3, c4, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(c4, c5, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.classifier = create_classifier(c5, hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x)
        x = torch.flatten(x, start_dim=1)
        logits: Tensor = self.classifier(x)
        return logits


class Half(SecondArticle):
    widths = (48, 128, 192, 192, 128)


class Staged(nn.Module):
    """The full net in the stages whose maps the second article shows."""

    def __init__(self, classes: int = 5, hidden: int = 2048) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(3, 96, kernel_size=11, stride=4),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.conv2 = nn.Sequential(
            nn.Conv2d(96, 256, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.conv3 = nn.Sequential(
            nn.Conv2d(256, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.fc = create_classifier(256, hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv3(self.conv2(self.conv1(x)))
        logits: Tensor = self.fc(x.view(x.size(0), -1))
        return logits


ARTICLES = {
    "torchvision": FirstArticle,
    "full": SecondArticle,
    "half": Half,
    "staged": Staged,
}


def to_bytes(value: object, **options: bool) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def check_comes_in_as(name: str, data: bytes, theirs: nn.Module) -> None:
    """The file is recognised as that variant, and the variant answers as the article's net does."""
    found = recognise(load_untrusted(data))
    assert (found.model, found.num_classes, found.hidden) == (name, 7, 24)
    ours = create_model(found.model, found.num_classes, found.hidden).eval()
    assert found.state.keys() == ours.state_dict().keys()
    ours.load_state_dict(found.state)
    side = 224 if name == "torchvision" else 227
    x = torch.randn(2, 3, side, side)
    with torch.inference_mode():
        assert torch.equal(ours(x), theirs.eval()(x))


@pytest.mark.parametrize(
    ("name", "prefix"),
    [(name, "") for name in ARTICLES]
    + [("torchvision", prefix) for prefix in ("module.", "_orig_mod.", "model.", "net.")]
    + [("torchvision", prefix) for prefix in ("module._orig_mod.", "model._orig_mod.module.")],
)
def test_state_dicts_of_the_articles_come_in(name: str, prefix: str) -> None:
    torch.manual_seed(0)
    theirs = ARTICLES[name](classes=7, hidden=24)
    state = {prefix + key: value for key, value in theirs.state_dict().items()}
    check_comes_in_as(name, to_bytes(state), theirs)


@pytest.mark.parametrize("name", ARTICLES)
@pytest.mark.parametrize("new", [True, False])
def test_whole_models_of_the_articles_come_in(name: str, new: bool) -> None:
    """As the second article saves them: ``torch.save(model)``."""
    torch.manual_seed(0)
    theirs = ARTICLES[name](classes=7, hidden=24)
    check_comes_in_as(name, to_bytes(theirs, _use_new_zipfile_serialization=new), theirs)


@pytest.mark.parametrize("name", ["full", "half", "staged"])
def test_the_second_article_s_nets_are_ours_module_by_module(name: str) -> None:
    theirs, ours = ARTICLES[name](), create_model(name)

    def list_layers(net: nn.Module) -> list[tuple[str, str]]:
        return [(path, repr(m)) for path, m in net.named_modules() if not list(m.children())]

    plain = [(path, text.replace("inplace=True", "")) for path, text in list_layers(theirs)]
    assert list_layers(ours) == plain
    assert ours.state_dict().keys() == theirs.state_dict().keys()


@pytest.mark.parametrize("name", ["full", "half", "staged"])
def test_the_second_article_s_nets_learn_as_ours_do(name: str) -> None:
    """In training mode too: the same dropout falls on the same units."""
    torch.manual_seed(0)
    theirs, ours = ARTICLES[name](hidden=24), create_model(name, hidden=24)
    ours.load_state_dict(theirs.state_dict())
    answers = []
    x = torch.randn(2, 3, 227, 227)
    for net in (theirs, ours):
        torch.manual_seed(1)
        answers.append(net.train()(x))
    assert torch.equal(*answers)


@pytest.mark.parametrize("name", ["full", "half"])
def test_version_0_1_s_order_comes_in(name: str) -> None:
    """Version 0.1 saved ``full`` and ``half`` with a dropout before fc6: layers 1, 4 and 6."""
    torch.manual_seed(0)
    theirs = ARTICLES[name](classes=7, hidden=24)
    state = theirs.state_dict()
    for now, then in ((5, 6), (3, 4), (0, 1)):
        for kind in ("weight", "bias"):
            state[f"classifier.{then}.{kind}"] = state.pop(f"classifier.{now}.{kind}")
    check_comes_in_as(name, to_bytes(state), theirs)
