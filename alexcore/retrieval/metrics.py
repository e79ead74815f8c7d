"""How distance is measured; reading the list does not import torch."""

from typing import Literal, get_args

from alexcore.errors import GalleryError

Metric = Literal["euclidean", "cosine"]
METRICS: tuple[Metric, ...] = get_args(Metric)


def parse_metric(name: str) -> Metric:
    """Return the metric of that name.

    Raises:
        GalleryError: It is neither euclidean nor cosine.
    """
    if name in METRICS:
        return name
    raise GalleryError(f"got metric {name!r}; it must be euclidean or cosine.")
