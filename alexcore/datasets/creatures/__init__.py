"""The demo set: five drawn species in a folder-per-class layout, the same on every machine.

Flow: (species, seed) -> Scene of random choices -> SVG -> resvg -> PNG file. Nothing is
downloaded and nobody else's artwork is used.
"""

import random
from collections.abc import Callable
from pathlib import Path

from alexcore.datasets.creatures import scenery
from alexcore.datasets.creatures.species import (
    MOODS,
    SPECIES,
    Coat,
    Pose,
    create_coat,
    draw_body,
    line_coat,
)
from alexcore.datasets.creatures.svg import ellipse, group
from alexcore.errors import DatasetError
from alexcore.files import replacing

SPECIES_NAMES = tuple(sorted(SPECIES))
IMAGES_PER_SPECIES = 200
IMAGE_SIZE = 256

_HOME_HUES = {"brook": 205.0, "cinder": 22.0, "muse": 285.0, "sprig": 145.0, "volt": 50.0}
_HOME_SHARE = 0.4


def _pose(rng: random.Random) -> Pose:
    limbs = (
        rng.uniform(-42, 42),
        rng.uniform(-42, 42),
        rng.uniform(-28, 28),
        rng.uniform(-28, 28),
    )
    return Pose(
        turn=rng.uniform(-1, 1),
        tail=rng.uniform(-1, 1),
        limbs=limbs,
        head=rng.uniform(0.84, 1.2),
        girth=rng.uniform(0.84, 1.16),
        mood=rng.choice(MOODS),
    )


def _coat(species: str, rng: random.Random) -> Coat:
    """Return a coat in the species' usual hue, or more often in any other."""
    at_home = rng.random() < _HOME_SHARE
    hue = _HOME_HUES[species] + rng.uniform(-16, 16) if at_home else rng.uniform(0, 360)
    return create_coat(
        hue=hue,
        accent_hue=hue + rng.choice([60, 110, 150, 180, 210, 290]) + rng.uniform(-15, 15),
        vivid=rng.uniform(0.2, 0.72),
        light=rng.uniform(0.42, 0.72),
        outline=rng.choice([1.0, 1.6, 2.2, 2.8]),
    )


def _place(
    species: str, rng: random.Random, coat: Coat, at: tuple[float, float], size: float
) -> str:
    """Return the creature with its shadow, somewhere, somehow turned and scaled."""
    tilt = rng.gauss(0, 11)
    flip = rng.choice([-1, 1])
    squash = rng.uniform(0.9, 1.1)
    shadow = ellipse((0, 84), 62, 11, fill="#1d1a2a", fill_opacity=0.22)
    return group(
        shadow + group(draw_body(species, _pose(rng), coat), f"rotate({tilt:.1f})"),
        f"translate({at[0]:.1f} {at[1]:.1f}) scale({flip * size:.3f} {size * squash:.3f})",
    )


def _svg(defs: str, content: str, size: int) -> str:
    box = scenery.SIZE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box} {box}" '
        f'width="{size}" height="{size}"><defs>{defs}</defs>{content}</svg>'
    )


def _render(svg: str) -> bytes:
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True))


def draw_creature(species: str, seed: int, size: int = IMAGE_SIZE) -> bytes:
    """Draw one picture of the demo set.

    Args:
        species: One of ``SPECIES_NAMES``.
        seed: Any integer; the picture is a function of (species, seed) alone.
        size: Side in pixels.

    Returns:
        A PNG file of size x size opaque pixels.

    Raises:
        DatasetError: ``species`` is unknown.
    """
    if species not in SPECIES:
        raise DatasetError(f"no species {species!r}; there are {', '.join(SPECIES_NAMES)}.")
    rng = random.Random(f"{species}/{seed}")
    coat = _coat(species, rng)
    background = scenery.BACKGROUNDS[rng.choice(sorted(scenery.BACKGROUNDS))](rng)
    scale = rng.uniform(0.5, 1.2)
    spread = 30 + 44 * (1.2 - scale)
    at = (128 + rng.uniform(-spread, spread), 138 + rng.uniform(-spread, spread) * 0.7)
    behind = scenery.draw_clutter(rng, rng.randint(0, 6))
    creature = _place(species, rng, coat, at, scale)
    before = scenery.draw_clutter(rng, rng.choice([0, 0, 1, 2, 3]))
    light = scenery.draw_light(rng, rng.uniform(0.1, 0.75))
    return _render(_svg(coat.defs, background + behind + creature + before + light, size))


def draw_line_art(species: str, seed: int, size: int = IMAGE_SIZE) -> bytes:
    """Draw a species in black lines on white: a picture unlike any in the demo set."""
    rng = random.Random(f"lines/{species}/{seed}")
    body = _place(species, rng, line_coat(), (128, 138), 1.1)
    return _render(_svg("", scenery.BACKGROUNDS["studio"](rng) + body, size))


def draw_night(species: str, seed: int, size: int = IMAGE_SIZE) -> bytes:
    """Draw a species by night, small and dark: harder than the demo set."""
    rng = random.Random(f"night/{species}/{seed}")
    coat = create_coat(250, 280, 0.3, 0.3, 1.0)
    body = _place(species, rng, coat, (150, 168), 0.62)
    return _render(_svg(coat.defs, scenery.BACKGROUNDS["night"](rng) + body, size))


def draw_pair(left: str, right: str, seed: int, size: int = IMAGE_SIZE) -> bytes:
    """Draw two species in one picture, so that no single label is right."""
    rng = random.Random(f"pair/{left}/{right}/{seed}")
    coat = _coat(left, rng)
    first = _place(left, rng, coat, (76, 150), 0.72)
    second = _place(right, rng, coat, (182, 142), 0.72)
    return _render(_svg(coat.defs, scenery.BACKGROUNDS["meadow"](rng) + first + second, size))


def create_creatures(
    folder: Path,
    per_species: int = IMAGES_PER_SPECIES,
    on_progress: Callable[[int, int], object] | None = None,
) -> Path:
    """Draw the demo set into ``folder/<species>/<species>-<seed>.png``; drawn files are kept.

    Args:
        folder: Created when missing. An interrupted drawing goes on where it stopped.
        per_species: Pictures a species.
        on_progress: Called with (pictures done, pictures in all), from the calling thread.

    Returns:
        ``folder``.

    Raises:
        DatasetError: The folder cannot be written.
    """
    jobs = [(name, seed) for name in SPECIES_NAMES for seed in range(per_species)]
    try:
        for name in SPECIES_NAMES:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for done, (species, seed) in enumerate(jobs, start=1):
            _write_creature(folder, species, seed)
            if on_progress is not None:
                on_progress(done, len(jobs))
    except OSError as error:
        raise DatasetError(f"cannot draw the demo set into {folder}: {error}.") from error
    return folder


def _write_creature(folder: Path, species: str, seed: int) -> None:
    target = folder / species / f"{species}-{seed:03d}.png"
    if target.exists():
        return
    with replacing(target) as partial:
        partial.write_bytes(draw_creature(species, seed))


_SAMPLE_SIZE = 448
SAMPLES: dict[str, Callable[[], bytes]] = {
    "brook": lambda: draw_creature("brook", 1004, _SAMPLE_SIZE),
    "cinder": lambda: draw_creature("cinder", 1001, _SAMPLE_SIZE),
    "muse": lambda: draw_creature("muse", 1002, _SAMPLE_SIZE),
    "sprig": lambda: draw_creature("sprig", 1003, _SAMPLE_SIZE),
    "volt": lambda: draw_creature("volt", 1005, _SAMPLE_SIZE),
    "brook-indoors": lambda: draw_creature("brook", 1011, _SAMPLE_SIZE),
    "cinder-surprised": lambda: draw_creature("cinder", 1012, _SAMPLE_SIZE),
    "hard-night": lambda: draw_night("muse", 1, _SAMPLE_SIZE),
    "hard-line-drawing": lambda: draw_line_art("sprig", 1, _SAMPLE_SIZE),
    "hard-two-creatures": lambda: draw_pair("volt", "brook", 1, _SAMPLE_SIZE),
}
"""The shipped pictures, none of them in the demo set, whose seeds end below 1,000."""


def create_samples(folder: Path) -> list[Path]:
    """Draw the shipped sample pictures into ``folder`` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, draw in SAMPLES.items():
        path = folder / f"{name}.png"
        with replacing(path) as partial:
            partial.write_bytes(draw())
        paths.append(path)
    return paths
