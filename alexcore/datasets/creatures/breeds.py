"""Five breeds that differ from a species of the demo set in one part alone."""

import math
from collections.abc import Callable

from alexcore.datasets.creatures.species import SPECIES, Coat, Pose, draw_bolt
from alexcore.datasets.creatures.svg import ellipse, group, part, path, polygon


def _reef(pose: Pose, coat: Coat) -> str:
    """A brook with spikes around its shell."""
    wide = 58 * pose.girth + 5
    spikes = ""
    for k in range(11):
        angle = math.radians(-200 + 22 * k + 6 * pose.tail)
        x, y = wide * math.cos(angle), 28 + 55 * math.sin(angle)
        out = (x * 1.34, 28 + (y - 28) * 1.34)
        side = (-8 * math.sin(angle), 8 * math.cos(angle))
        corners = [(x - side[0], y - side[1]), out, (x + side[0], y + side[1])]
        spikes += polygon(corners, fill=coat.belly, stroke_linejoin="round")
    return part("spike", spikes) + SPECIES["brook"](pose, coat)


def _ember(pose: Pose, coat: Coat) -> str:
    """A cinder with wings."""
    wings = "".join(
        group(
            path("M0 0C14 -44 44 -66 92 -60Q78 -46 80 -28Q62 -30 56 -8Q36 -12 24 14z",
                 fill=coat.accent, stroke_linejoin="round"),
            f"translate({side * 16} 6) rotate({side * 14 * pose.tail:.1f}) scale({side} 1)",
        )
        for side in (-1, 1)
    )  # fmt: skip
    return part("wing", wings) + SPECIES["cinder"](pose, coat)


def _bloom(pose: Pose, coat: Coat) -> str:
    """A sprig in flower."""
    petals = "".join(
        group(ellipse((0, -17), 9, 15, fill=coat.belly), f"rotate({60 * k})") for k in range(6)
    )
    flower = petals + ellipse((0, 0), 9, 9, fill=coat.dark)
    at = f"translate({-pose.turn * 22:.1f} -72) rotate({16 * pose.tail:.1f})"
    return SPECIES["sprig"](pose, coat) + group(part("blossom", flower), at)


def _surge(pose: Pose, coat: Coat) -> str:
    """A volt with two tails."""
    return part("tail", draw_bolt(1 if pose.turn > 0 else -1, pose, coat)) + SPECIES["volt"](
        pose, coat
    )


def _halo(pose: Pose, coat: Coat) -> str:
    """A muse with a ring behind its head."""
    r = 33 * pose.head
    style = {"fill": "none", "stroke_linecap": "round"}
    circle = f"M{-1.55 * r:.1f} 0a{1.55 * r:.1f} {1.55 * r:.1f} 0 1 0 {3.1 * r:.1f} 0"
    circle += f"a{1.55 * r:.1f} {1.55 * r:.1f} 0 1 0 {-3.1 * r:.1f} 0z"
    ring = path(circle, stroke=coat.line, stroke_width=9 + 2 * coat.line_width, **style)
    ring += path(circle, stroke=coat.accent, stroke_width=9.0, **style)
    at = f"translate({pose.turn * 10:.1f} -56)"
    return group(part("ring", ring), at) + SPECIES["muse"](pose, coat)


BASES = {"bloom": "sprig", "ember": "cinder", "halo": "muse", "reef": "brook", "surge": "volt"}
"""The species that each breed is of."""

CREATURES: dict[str, Callable[[Pose, Coat], str]] = SPECIES | {
    "bloom": _bloom,
    "ember": _ember,
    "halo": _halo,
    "reef": _reef,
    "surge": _surge,
}
"""Species and breeds by name: pose and coat -> SVG."""


def draw_body(name: str, pose: Pose, coat: Coat) -> str:
    """Return the creature's SVG group, outlined in its coat's line colour.

    Raises:
        KeyError: ``name`` is not one of ``CREATURES``.
    """
    return group(
        CREATURES[name](pose, coat),
        stroke=coat.line,
        stroke_width=coat.line_width,
    )
