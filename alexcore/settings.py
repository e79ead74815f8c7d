"""What the surroundings decide: environment variables, folders and what is shipped.

The one place that reads the environment, each time it is asked, so that a test or a command can
set it:

    ALEXCORE_DATA       folder for what can be made again: the demo set, caches, galleries
    ALEXCORE_RUNS       folder for runs trained here
    ALEXCORE_PICTURES   the only folders whose pictures a browser may name, separated as in PATH
    ALEXCORE_GALLERIES  where galleries lie: a folder, s3://bucket/prefix, or milvus:...
    ALEXCORE_FOLDER     a folder of pictures of which a browser may name all, beside those
    ALEXCORE_MODEL      the model the pages begin with, by its name in the picker, or a weights file
    ALEXCORE_READ_ONLY  1 switches off whatever writes

In a checkout the folders are ``data``, ``runs`` and ``pictures`` where one stands; an installed
package keeps data and runs in the user's own folder, where the platform has it. torchrun's
variables say which process of how many this is.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "shipped"

INSTALLED = _PACKAGED.is_dir()
"""Whether this package comes from a wheel, which carries what a checkout has beside it."""

_SHIPPED = _PACKAGED if INSTALLED else _PACKAGE.parent
SHIPPED_RUNS = _SHIPPED / "checkpoints"
DEMO_RUN = "look-half"
"""The shipped run that shows most; it has its preview."""
SAMPLE_IMAGES = _SHIPPED / "sample_images"
PAGES_FOLDER = _SHIPPED / "pages"
COMPONENTS = _PACKAGE / "dashboard" / "components"
"""The JavaScript and the style of charts, tiles, cards and volumes, also for files one sends."""
STREAMLIT_FILE = _SHIPPED / ".streamlit" / "config.toml"


@dataclass(frozen=True, slots=True)
class Process:
    """One process of those torchrun started, or the only one.

    Attributes:
        rank: Its number among all.
        world: How many there are, on all hosts.
        local_world: How many there are on this host.
    """

    rank: int
    world: int
    local_world: int

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes and speaks."""
        return self.rank == 0


def get_process() -> Process:
    """Return which process this is, as torchrun's variables have it."""
    rank, world, local = (
        int(os.environ.get(name, default))
        for name, default in (("RANK", "0"), ("WORLD_SIZE", "1"), ("LOCAL_WORLD_SIZE", "1"))
    )
    return Process(rank, world, local)


def _get_folder(variable: str, name: str) -> Path:
    """Return the folder a variable names, else ``name`` here or in the user's own folder."""
    if named := os.environ.get(variable):
        return Path(named)
    if not INSTALLED:
        return Path(name)
    from platformdirs import user_data_path

    return user_data_path("alexcore", appauthor=False) / name


def get_data_folder() -> Path:
    """Return the folder for what can be made again: ``ALEXCORE_DATA``, or ``data``."""
    return _get_folder("ALEXCORE_DATA", "data")


def get_runs_folder() -> Path:
    """Return the folder for runs trained here: ``ALEXCORE_RUNS``, or ``runs``."""
    return _get_folder("ALEXCORE_RUNS", "runs")


def get_run_roots() -> tuple[Path, Path]:
    """Return the folders runs are looked for in, one's own first."""
    return get_runs_folder(), SHIPPED_RUNS


def get_cache_folder() -> Path:
    """Return the folder of the decoded caches."""
    return get_data_folder() / "cache"


def get_creatures_folder(name: str = "creatures") -> Path:
    """Return the folder a drawn set goes into; the number changes with the drawings."""
    return get_data_folder() / "creatures-1" / name


def get_picture_roots() -> tuple[Path, ...]:
    """Return the only folders whose pictures a browser may name: ``ALEXCORE_PICTURES``.

    Several are separated as in PATH; without the variable it is ``pictures`` where one stands.
    """
    text = os.environ.get("ALEXCORE_PICTURES", "pictures")
    return tuple(Path(part) for part in text.split(os.pathsep) if part)


def get_opened_folder() -> Path | None:
    """Return the folder of pictures that the dashboard was opened on: ``ALEXCORE_FOLDER``."""
    named = os.environ.get("ALEXCORE_FOLDER")
    return Path(named) if named else None


def get_galleries_uri() -> str:
    """Return where galleries lie: ``ALEXCORE_GALLERIES``, or a folder beside the other data.

    A folder, an object-store URI like ``s3://bucket/galleries``, or ``milvus:...``.
    """
    return os.environ.get("ALEXCORE_GALLERIES") or str(get_data_folder() / "galleries")


def get_first_model() -> str:
    """Return the model the pages begin with: ``ALEXCORE_MODEL``, or the shipped ``DEMO_RUN``.

    Its name in the picker, or the path of a weights file.
    """
    return os.environ.get("ALEXCORE_MODEL") or DEMO_RUN


def is_read_only() -> bool:
    """Whether nothing may be written: ``ALEXCORE_READ_ONLY=1``."""
    return os.environ.get("ALEXCORE_READ_ONLY", "") not in ("", "0")


def override(
    runs: Path | None = None,
    pictures: Sequence[Path] = (),
    read_only: bool = False,
    model: str | None = None,
    folder: Path | None = None,
) -> None:
    """Set for this process, and for those it starts, what a command's options say.

    Args:
        runs: In the place of ``ALEXCORE_RUNS``; left as it is when None.
        pictures: In the place of ``ALEXCORE_PICTURES``; left as it is when empty.
        read_only: Whether to switch off whatever writes; never switches it on.
        model: In the place of ``ALEXCORE_MODEL``; left as it is when None.
        folder: In the place of ``ALEXCORE_FOLDER``; left as it is when None.
    """
    if runs is not None:
        os.environ["ALEXCORE_RUNS"] = str(runs.resolve())
    if pictures:
        os.environ["ALEXCORE_PICTURES"] = os.pathsep.join(str(path.resolve()) for path in pictures)
    if model is not None:
        os.environ["ALEXCORE_MODEL"] = model
    if folder is not None:
        os.environ["ALEXCORE_FOLDER"] = str(folder.resolve())
    if read_only:
        os.environ["ALEXCORE_READ_ONLY"] = "1"
