"""Where things lie by default: what is shipped, what is trained here, what can be made again."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED_RUNS = PROJECT / "checkpoints"
SAMPLE_IMAGES = PROJECT / "sample_images"
PAGES_FOLDER = PROJECT / "pages"


def get_data_folder() -> Path:
    """Return the folder for what can be made again: ``ALEXCORE_DATA``, or ``data`` here."""
    return Path(os.environ.get("ALEXCORE_DATA", "data"))


def get_runs_folder() -> Path:
    """Return the folder for runs trained here: ``ALEXCORE_RUNS``, or ``runs`` here."""
    return Path(os.environ.get("ALEXCORE_RUNS", "runs"))


def get_run_roots() -> tuple[Path, Path]:
    """Return the folders runs are looked for in, one's own first."""
    return get_runs_folder(), SHIPPED_RUNS


def get_cache_folder() -> Path:
    """Return the folder of the decoded caches."""
    return get_data_folder() / "cache"


def get_creatures_folder() -> Path:
    """Return the folder the demo set is drawn into; the number changes with the drawings."""
    return get_data_folder() / "creatures-1" / "creatures"


def get_picture_roots() -> tuple[Path, ...]:
    """Return the only folders whose pictures a browser may name: ``ALEXCORE_PICTURES``.

    Several are separated as in PATH; without the variable it is ``pictures`` here.
    """
    text = os.environ.get("ALEXCORE_PICTURES", "pictures")
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def get_galleries_uri() -> str:
    """Return where galleries lie: ``ALEXCORE_GALLERIES``, or a folder beside the other data.

    A folder, an object-store URI like ``s3://bucket/galleries``, or ``milvus:...``.
    """
    return os.environ.get("ALEXCORE_GALLERIES") or str(get_data_folder() / "galleries")
