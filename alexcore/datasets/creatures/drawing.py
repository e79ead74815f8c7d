"""Drawn sets as files: ``folder/<species>/<species>-<seed>.png``, drawn on all cores.

Workers draw, the caller writes, so that a drawing stopped anywhere leaves whole files alone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alexcore.datasets.creatures.sets import CREATURES, find_set
from alexcore.errors import DatasetError
from alexcore.files import replacing

IMAGE_SIZE = 256
_WORTH_A_WORKER = 40
"""A process takes as long to start as this many pictures take to draw."""

OnProgress = Callable[[int, int], object]


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
        with _pictures_drawn(set, [targets[path] for path in missing]) as pictures:
            for path, picture in zip(missing, pictures, strict=True):
                with replacing(path) as partial:
                    partial.write_bytes(picture)
                done += 1
                if on_progress is not None:
                    on_progress(done, len(targets))
    except OSError as error:
        raise DatasetError(f"cannot draw the set {set!r} into {folder}: {error}.") from error
    return folder


@contextmanager
def _pictures_drawn(set: str, wanted: Sequence[tuple[str, int]]) -> Iterator[Iterator[bytes]]:
    """Yield the pictures in order; resvg holds Python's lock, so workers are processes."""
    from loky import ProcessPoolExecutor, cpu_count

    def draw_here() -> Iterator[bytes]:
        return (draw_creature(name, seed, set=set) for name, seed in wanted)

    workers = min(cpu_count(), len(wanted) // _WORTH_A_WORKER)
    if workers < 2:
        yield draw_here()
        return
    pool = ProcessPoolExecutor(workers)
    try:
        names, seeds = zip(*wanted, strict=True)
        sizes, sets = [IMAGE_SIZE] * len(wanted), [set] * len(wanted)
        yield pool.map(draw_creature, names, seeds, sizes, sets, chunksize=8)
    finally:
        pool.shutdown(kill_workers=True)
