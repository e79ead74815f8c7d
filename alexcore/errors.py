"""The errors a person can do something about; everything else is a bug and stays a traceback."""

import re


class AlexcoreError(Exception):
    """Base of all: its text says what was found, what was expected and what to do."""


class ImageError(AlexcoreError):
    """Bytes that do not become a picture."""


class DatasetError(AlexcoreError):
    """A folder of pictures that cannot be used for training or retrieval."""


class ModelError(AlexcoreError):
    """An unknown model, or a model asked for something its shapes do not allow."""


class CheckpointError(AlexcoreError):
    """A run directory or a weights file that is missing, damaged or of another model."""


class TrainingError(AlexcoreError):
    """A training run that cannot start or cannot go on."""


class GalleryError(AlexcoreError):
    """A gallery that is missing, damaged, or made by another model."""


class GalleryMissingError(GalleryError):
    """A gallery that was never built here; nothing is wrong."""


def quote(text: str, limit: int = 80) -> str:
    """Return what a stranger's file calls something, safe to show in an error.

    A page shows errors as Markdown, in which a name could be a picture or a link to another host.
    """
    plain = re.sub(r"[^\w .,:;'()-]", "?", text[:limit])
    return plain if len(text) <= limit else plain + " ..."
