"""What a net decides: the classes it finds most likely."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Prediction:
    """One class and its probability in [0, 1]."""

    label: str
    probability: float


def rank_classes(logits: Tensor, classes: Sequence[str], k: int = 5) -> tuple[Prediction, ...]:
    """Return the k likeliest classes of one picture, the likeliest first.

    Args:
        logits: (num_classes,) float.
        classes: Their labels.
        k: How many; fewer when there are fewer classes.
    """
    probabilities = torch.softmax(logits.float(), dim=0)
    values, indices = probabilities.topk(min(k, len(classes)))
    return tuple(
        Prediction(classes[i], p) for p, i in zip(values.tolist(), indices.tolist(), strict=True)
    )
