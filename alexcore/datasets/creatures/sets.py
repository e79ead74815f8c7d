"""The drawn sets by name: which creatures, how many pictures, and how they are drawn."""

from dataclasses import dataclass

from alexcore.datasets.creatures.breeds import CREATURES as _ALL
from alexcore.datasets.creatures.foreground import FOREGROUND
from alexcore.datasets.creatures.scene import Scene, Style, compose
from alexcore.datasets.creatures.species import SPECIES
from alexcore.datasets.creatures.textured import TEXTURED
from alexcore.errors import DatasetError

CREATURES = "creatures"
"""The name of the demo set."""

FIRST_TEST_SEED = 10_000
"""Seeds of the test side count from here; those of the pictures to train on end below."""


@dataclass(frozen=True, slots=True)
class CreatureSet:
    """A set of drawn pictures.

    Attributes:
        name: As ``--data`` takes it.
        summary: What it is for, in a line.
        species: The classes, in alphabetical order.
        pictures: Of each class, to be split into training and validation.
        test: Of each class, on the test side.
        style: How they are drawn.
    """

    name: str
    summary: str
    species: tuple[str, ...]
    pictures: int
    test: int
    style: Style

    def list_pictures(self, test: bool = False, most: int | None = None) -> list[tuple[str, int]]:
        """Return (species, seed) of each picture of a side, at most so many a species."""
        first = FIRST_TEST_SEED if test else 0
        count = self.test if test else self.pictures
        count = count if most is None else min(count, most)
        return [(name, first + k) for name in self.species for k in range(count)]

    def compose(self, species: str, seed: int, background_seed: int | None = None) -> Scene:
        """Return one picture's scene; see ``draw_creature``.

        Raises:
            DatasetError: The set has no such species.
        """
        if species not in self.species:
            raise DatasetError(f"no species {species!r}; there are {', '.join(self.species)}.")
        key = f"{species}/{seed}"
        key = key if self.name == CREATURES else f"{self.name}/{key}"
        return compose(species, key, self.style, background_seed)


_FIVE = tuple(sorted(SPECIES))

SETS = {
    each.name: each
    for each in (
        CreatureSet(CREATURES, "the demo set: five species", _FIVE, 200, 400, Style()),
        CreatureSet(
            "creatures-large",
            "any hue before any background, with texture: for nets to look into",
            _FIVE,
            2000,
            400,
            Style(0.0, any_flame=True, vivid=(0.05, 0.75), light=(0.3, 0.75), places=TEXTURED),
        ),
        CreatureSet(
            "creatures-hard",
            "ten classes, in pairs that differ in one part; small, half hidden, in poor light",
            tuple(sorted(_ALL)),
            100,
            200,
            Style(
                at_home=0.0,
                any_flame=True,
                vivid=(0.05, 0.6),
                scale=(0.45, 0.95),
                places=TEXTURED,
                foreground=FOREGROUND,
                in_front=(1, 1, 2, 3),
                veil=(0.3, 0.95),
            ),
        ),
    )
}
"""All drawn sets; each is the same on every machine."""


def find_set(name: str) -> CreatureSet:
    """Return a set by its name.

    Raises:
        DatasetError: There is none of that name.
    """
    if name not in SETS:
        raise DatasetError(f"no drawn set {name!r}; there are {', '.join(SETS)}.")
    return SETS[name]
