"""Drawn sets as files: ``folder/<species>/<species>-<seed>.png``, drawn on all cores.

Workers draw, the caller writes, so that a drawing stopped anywhere leaves whole files alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from alexcore.datasets.creatures.sets import CREATURES, find_set
from alexcore.errors import DatasetError
from alexcore.files import replacing

IMAGE_SIZE = 256
_WORTH_A_WORKER = 40
"""A process takes as long to start as this many pictures take to draw."""

OnProgress = Callable[[int, int], object]
T = TypeVar("T")


def draw_creature(
    species: str,
    seed: int,
    size: int = IMAGE_SIZE,
    set: str = CREATURES,
    background_seed: int | None = None,
) -> bytes:
    """Draw one picture of a set.

    Args:
        species: One of the set's.
        seed: Any integer; the picture is a function of (set, species, seed) alone.
        size: Side in pixels.
        set: A key of ``SETS``.
        background_seed: Draw the same creature, with what stands before it and the same light,
            before another of the set's backgrounds; any integer.

    Returns:
        A PNG file of size x size opaque pixels.

    Raises:
        DatasetError: There is no such set, or no such species in it.
    """
    return find_set(set).compose(species, seed, background_seed).to_png(size)


def create_creatures(
    folder: Path,
    per_species: int | None = None,
    on_progress: OnProgress | None = None,
    set: str = CREATURES,
    test: bool = False,
) -> Path:
    """Draw a set into ``folder/<species>/<species>-<seed>.png``; drawn files are kept.

    Args:
        folder: Created when missing. An interrupted drawing goes on where it stopped.
        per_species: At most so many pictures a species; all of the set's when None.
        on_progress: Called with (pictures done, pictures in all), from the calling thread.
        set: A key of ``SETS``.
        test: Draw its test side instead.

    Returns:
        ``folder``.

    Raises:
        DatasetError: There is no such set, or the folder cannot be written.
    """
    drawn = find_set(set).list_pictures(test, per_species)
    targets = {folder / name / f"{name}-{seed:03d}.png": (name, seed) for name, seed in drawn}
    try:
        present = {path for path in folder.glob("*/*.png")}
        missing = [path for path in targets if path not in present]
        done = len(targets) - len(missing)
        draw = partial(draw_creature, set=set)
        with drawing_on_all_cores(draw, [targets[path] for path in missing]) as pictures:
            for path, picture in zip(missing, pictures, strict=True):
                with replacing(path) as part:
                    part.write_bytes(picture)
                done += 1
                if on_progress is not None:
                    on_progress(done, len(targets))
    except OSError as error:
        raise DatasetError(f"cannot draw the set {set!r} into {folder}: {error}.") from error
    return folder


def find_drawn(path: Path) -> tuple[str, int]:
    """Return (species, seed) of a picture of ``create_creatures``.

    Raises:
        DatasetError: It is not named as one is.
    """
    species, _, seed = path.stem.rpartition("-")
    if not (species and seed.isdecimal()):
        raise DatasetError(f"{path} is not named as a drawn picture is, SPECIES-SEED.png.")
    return species, int(seed)


@contextmanager
def drawing_on_all_cores(
    draw: Callable[[str, int], T], wanted: Sequence[tuple[str, int]]
) -> Iterator[Iterator[T]]:
    """Yield what ``draw`` makes of each (species, seed), in order.

    resvg holds Python's lock, so workers are processes.
    """
    from loky import ProcessPoolExecutor, cpu_count

    workers = min(cpu_count(), len(wanted) // _WORTH_A_WORKER)
    if workers < 2:
        yield (draw(*each) for each in wanted)
        return
    pool = ProcessPoolExecutor(workers)
    try:
        yield pool.map(draw, *zip(*wanted, strict=True), chunksize=8)
    finally:
        pool.shutdown(kill_workers=True)
