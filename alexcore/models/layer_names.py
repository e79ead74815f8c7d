"""The paper's names for the layers of an AlexNet: conv1 to conv5, pool1 to pool5, fc6 to fc8."""

from torch import nn

from alexcore.models.layers_2012 import SpatialNorm


def name_layers(model: nn.Module) -> dict[str, str]:
    """Return {module path: paper name} for every leaf layer of an AlexNet, in order.

    ReLU, norm and pool layers take the number of the layer they follow, padding and dropout that
    of the layer they feed: pad1, relu1, norm1, pool1, drop6.
    """
    names: dict[str, str] = {}
    number = 0
    for path, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            number += 1
            names[path] = f"conv{number}"
        elif isinstance(module, nn.Linear):
            number += 1
            names[path] = f"fc{number}"
        elif isinstance(module, nn.Dropout | nn.ZeroPad2d):
            names[path] = f"{'drop' if isinstance(module, nn.Dropout) else 'pad'}{number + 1}"
        else:
            for kind, prefix in _FOLLOWERS:
                if isinstance(module, kind):
                    names[path] = f"{prefix}{number}"
    return names


_FOLLOWERS: tuple[tuple[type[nn.Module], str], ...] = (
    (nn.ReLU, "relu"),
    (nn.LocalResponseNorm, "norm"),
    (SpatialNorm, "spatial"),
    (nn.MaxPool2d, "pool"),
    (nn.AdaptiveAvgPool2d, "avgpool"),
)


def find_last_hidden(model: nn.Module) -> str:
    """Return the path of the module whose output the last linear layer reads, before dropout."""
    paths = [
        (path, module)
        for path, module in model.named_modules()
        if path and not list(module.children()) and not isinstance(module, nn.Dropout)
    ]
    last = max(i for i, (_, module) in enumerate(paths) if isinstance(module, nn.Linear))
    path, _ = paths[last - 1]
    return str(path)


def list_map_layers(model: nn.Module) -> list[str]:
    """Return the paths of the convolutions and of the ReLU behind each, in order.

    The last is what Grad-CAM reads: what a ReLU cuts off reaches no layer and explains nothing, and
    its authors too read the maps behind it (https://arxiv.org/abs/1610.02391, section 3).
    """
    names = name_layers(model)
    numbers = [label.removeprefix("conv") for label in names.values() if label.startswith("conv")]
    wanted = {f"{kind}{number}" for number in numbers for kind in ("conv", "relu")}
    return [path for path, label in names.items() if label in wanted]
