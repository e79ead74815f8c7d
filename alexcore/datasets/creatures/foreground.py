"""Large things that stand in front of a creature and hide a part of it: ``creatures-hard``."""

import random

from alexcore.datasets.creatures.scenery import rectangle
from alexcore.datasets.creatures.svg import SIZE, ellipse, group, hsl, part, path


def _reeds(rng: random.Random) -> str:
    hue, x = rng.uniform(50, 160), rng.uniform(10, 246)
    blades = "".join(
        path(
            f"M{x + dx:.0f} {SIZE + 2}q{rng.uniform(-14, 14):.0f} -60 "
            f"{rng.uniform(-24, 24):.0f} {-rng.uniform(90, 190):.0f}q14 70 12 150z",
            fill=hsl(hue, 0.4, rng.uniform(0.24, 0.5)),
        )
        for dx in range(-36, 40, 12)
    )
    return part("reed", blades)


def _fence(rng: random.Random) -> str:
    y, wood = rng.uniform(130, 195), hsl(rng.uniform(15, 45), 0.3, rng.uniform(0.3, 0.75))
    gap = rng.uniform(34, 60)
    posts = "".join(
        rectangle(y - 14, SIZE, wood, x * gap + rng.uniform(-3, 3), 11) for x in range(8)
    )
    rails = rectangle(y, 9, wood) + rectangle(y + 32, 9, wood)
    return part("fence", rails + posts)


def _bough(rng: random.Random) -> str:
    """A branch across the picture with broad leaves on it."""
    start, end = rng.uniform(10, 150), rng.uniform(10, 150)
    hue, light = rng.uniform(20, 150), rng.uniform(0.3, 0.5)
    middle = (start + end) / 2 + 26
    stem = path(
        f"M-4 {start:.0f}Q128 {middle:.0f} 260 {end:.0f}",
        fill="none", stroke=hsl(28, 0.3, 0.3), stroke_width=6.0,
    )  # fmt: skip
    leaves = ""
    for k in range(rng.randint(6, 10)):
        share = (k + rng.random()) / 10
        y = (1 - share) ** 2 * start + 2 * share * (1 - share) * middle + share**2 * end
        turn, long = rng.uniform(100, 260), rng.uniform(26, 46)
        leaf = path(f"M0 0Q16 {-long / 2:.0f} 0 {-long:.0f}Q-16 {-long / 2:.0f} 0 0z",
                    fill=hsl(hue, 0.45, light + rng.uniform(-0.06, 0.08)))  # fmt: skip
        leaves += group(leaf, f"translate({share * SIZE:.0f} {y:.0f}) rotate({turn:.0f})")
    return part("bough", stem + leaves)


def _boulder(rng: random.Random) -> str:
    x, y, scale = rng.uniform(20, 236), rng.uniform(200, 240), rng.uniform(1.6, 2.8)
    hue, light = rng.uniform(0, 360), rng.uniform(0.35, 0.65)
    stone = path("M-30 30Q-34 -4 -12 -18Q10 -28 26 -8Q36 8 30 30z", fill=hsl(hue, 0.1, light))
    moss = ellipse((-8, -12), 9, 4, fill=hsl(hue + 60, 0.3, light - 0.1))
    at = f"translate({x:.0f} {y:.0f}) scale({scale:.2f})"
    return group(part("boulder", stone + moss), at)


FOREGROUND = (_reeds, _fence, _bough, _boulder)
"""Each hides about an eighth of the picture."""
