"""Torchvision's ImageNet weights: 1000 classes, downloaded once and checked by their hash."""

from urllib.error import URLError

from torch import hub, nn
from torchvision.models import AlexNet_Weights

from alexcore.errors import CheckpointError
from alexcore.models import create_model

WEIGHTS = AlexNet_Weights.IMAGENET1K_V1


def list_imagenet_classes() -> tuple[str, ...]:
    """Return the 1000 class names in the order of the outputs."""
    return tuple(WEIGHTS.meta["categories"])


def load_imagenet_model(url: str = WEIGHTS.url) -> nn.Module:
    """Return ``torchvision`` with the weights trained on ImageNet, in evaluation mode.

    The file is kept in ``torch.hub.get_dir()/checkpoints`` and its name carries the first
    digits of its sha256, which are checked after a download.

    Args:
        url: Where the weights are published; a ``file:`` URL serves as well.

    Raises:
        CheckpointError: They are not on disk and cannot be downloaded.
    """
    try:
        state = hub.load_state_dict_from_url(
            url, progress=False, check_hash=True, weights_only=True
        )
    except (URLError, OSError, RuntimeError) as error:
        raise CheckpointError(
            f"the ImageNet weights are not in {hub.get_dir()}/checkpoints and could not be "
            f"downloaded ({error}). Connect to the internet, or copy "
            f"{url.rsplit('/', 1)[-1]} there; meanwhile choose a shipped run or an untrained net."
        ) from error
    model = create_model("torchvision")
    model.load_state_dict(state)
    return model.eval()
