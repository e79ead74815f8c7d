"""The shipped pictures, none of them in a drawn set."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

from alexcore.datasets.creatures.drawing import draw_creature
from alexcore.datasets.creatures.scene import Scene, Style, choose_coat, place
from alexcore.datasets.creatures.scenery import BACKGROUNDS
from alexcore.datasets.creatures.species import create_coat, line_coat
from alexcore.files import replacing


def draw_line_art(species: str, seed: int, size: int) -> bytes:
    """Draw a species in black lines on white: a picture unlike any in the demo set."""
    rng = random.Random(f"lines/{species}/{seed}")
    body = place(species, rng, line_coat(), (128, 138), 1.1)
    return Scene(background=BACKGROUNDS["studio"](rng), creature=body).to_png(size)


def draw_night(species: str, seed: int, size: int) -> bytes:
    """Draw a species by night, small and dark: harder than the demo set."""
    rng = random.Random(f"night/{species}/{seed}")
    coat = create_coat(250, 280, 0.3, 0.3, 1.0)
    body = place(species, rng, coat, (150, 168), 0.62)
    return Scene(coat.defs, BACKGROUNDS["night"](rng), creature=body).to_png(size)


def draw_pair(left: str, right: str, seed: int, size: int) -> bytes:
    """Draw two species in one picture, so that no single label is right."""
    rng = random.Random(f"pair/{left}/{right}/{seed}")
    coat = choose_coat(left, rng, Style())
    pair = place(left, rng, coat, (76, 150), 0.72) + place(right, rng, coat, (182, 142), 0.72)
    return Scene(coat.defs, BACKGROUNDS["meadow"](rng), creature=pair).to_png(size)


SAMPLE_SIZE = 448
DRAWN_SAMPLES = {
    "brook": ("brook", 1004),
    "cinder": ("cinder", 1001),
    "muse": ("muse", 1002),
    "sprig": ("sprig", 1003),
    "volt": ("volt", 1005),
    "brook-indoors": ("brook", 1011),
    "cinder-surprised": ("cinder", 1012),
}
"""{name: (species, seed)} of those drawn as the demo set is, so that their masks are known."""
SAMPLES: dict[str, Callable[[], bytes]] = {
    name: partial(draw_creature, *drawn, SAMPLE_SIZE) for name, drawn in DRAWN_SAMPLES.items()
} | {
    "hard-night": lambda: draw_night("muse", 1, SAMPLE_SIZE),
    "hard-line-drawing": lambda: draw_line_art("sprig", 1, SAMPLE_SIZE),
    "hard-two-creatures": lambda: draw_pair("volt", "brook", 1, SAMPLE_SIZE),
}
"""Of the demo set they take seeds between its 200 and its test side's 10,000."""


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
