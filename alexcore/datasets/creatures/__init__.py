"""Drawn creatures in a folder-per-class layout, the same on every machine.

Flow: (set, species, seed) -> Scene of random choices -> SVG -> resvg -> PNG file. Nothing is
downloaded and nobody else's artwork is used.
"""

from alexcore.datasets.creatures.drawing import (
    IMAGE_SIZE,
    create_creatures,
    draw_creature,
    drawing_on_all_cores,
    find_drawn,
)
from alexcore.datasets.creatures.parts import draw_parts
from alexcore.datasets.creatures.samples import (
    DRAWN_SAMPLES,
    SAMPLE_SIZE,
    SAMPLES,
    create_samples,
)
from alexcore.datasets.creatures.sets import CREATURES, SETS, CreatureSet, find_set
from alexcore.datasets.creatures.sheet import create_sheet

SPECIES_NAMES = SETS[CREATURES].species
"""The classes of the demo set."""

__all__ = [
    "CREATURES",
    "DRAWN_SAMPLES",
    "IMAGE_SIZE",
    "SAMPLES",
    "SAMPLE_SIZE",
    "SETS",
    "SPECIES_NAMES",
    "CreatureSet",
    "create_creatures",
    "create_samples",
    "create_sheet",
    "draw_creature",
    "draw_parts",
    "drawing_on_all_cores",
    "find_drawn",
    "find_set",
]
