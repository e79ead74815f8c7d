"""Torchvision's ImageNet weights: 1000 classes, downloaded once and checked by their hash."""

from pathlib import Path

import torch
from torch import hub, nn
from torchvision.models import AlexNet_Weights

from alexcore.errors import CheckpointError
from alexcore.models import get_spec
from alexcore.weights.download import OnBytes, download
from alexcore.weights.filled import create_filled

WEIGHTS = AlexNet_Weights.IMAGENET1K_V1


def list_imagenet_classes() -> tuple[str, ...]:
    """Return the 1000 class names in the order of the outputs."""
    return tuple(WEIGHTS.meta["categories"])


def find_imagenet_file(url: str = WEIGHTS.url) -> Path:
    """Return where the weights lie once they are here: torch's own folder for downloads."""
    return Path(hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]


def fetch_imagenet(url: str = WEIGHTS.url, on_bytes: OnBytes = lambda done, total: None) -> Path:
    """Download the weights unless they are here.

    Args:
        url: Where the weights are published; a ``file:`` URL serves as well.
        on_bytes: Called with (bytes there, bytes in all).

    Raises:
        CheckpointError: They are not on disk and cannot be downloaded.
    """
    target = find_imagenet_file(url)
    try:
        return download(url, target, on_bytes)
    except CheckpointError as error:
        raise CheckpointError(
            f"the ImageNet weights are not in {target.parent} and could not be downloaded "
            f"({error}). Connect to the internet, or copy {target.name} there; meanwhile choose a "
            "shipped run or an untrained net."
        ) from error


def load_imagenet_model(url: str = WEIGHTS.url) -> nn.Module:
    """Return ``torchvision`` with the weights trained on ImageNet, in evaluation mode.

    Args:
        url: As for ``fetch_imagenet``.

    Raises:
        CheckpointError: They are not here and cannot be downloaded, or the file is damaged.
    """
    path = fetch_imagenet(url)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch's reader raises whatever the bytes lead it to
        raise CheckpointError(f"{path} is damaged ({error}); remove it and try again.") from error
    spec = get_spec("torchvision")
    return create_filled(spec.name, spec.num_classes, spec.hidden, state)
