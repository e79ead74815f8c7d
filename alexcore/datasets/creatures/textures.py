"""Textures for the scenes of the larger sets: gratings of many kinds, scales and angles.

A texture is ink alone, around the middle of the picture and reaching beyond its corners however
it is turned; whoever asks for it paints the paper below and clips it to a region.
"""

import math
import random
from collections.abc import Callable

from alexcore.datasets.creatures.svg import SIZE, group, hsl, part, path, rotate

_REACH = 190
"""Half the side of a texture: half the picture's diagonal and a little."""


def _stroke(commands: str, ink: str, width: float) -> str:
    return path(commands, fill="none", stroke=ink, stroke_width=width)


def _lines(period: float) -> str:
    rows = range(math.ceil(2 * _REACH / period))
    return "".join(f"M{-_REACH} {-_REACH + k * period:.1f}h{2 * _REACH}" for k in rows)


def _stripes(rng: random.Random, period: float, ink: str) -> str:
    return _stroke(_lines(period), ink, period * rng.uniform(0.25, 0.6))


def _hatching(rng: random.Random, period: float, ink: str) -> str:
    lines = _stroke(_lines(period), ink, period * rng.uniform(0.1, 0.24))
    return lines + rotate(lines, rng.choice([35, 55, 75, 90]))


def _waves(rng: random.Random, period: float, ink: str) -> str:
    long = period * rng.uniform(1.0, 2.5)
    swing = period * rng.uniform(0.4, 1.1)
    count = math.ceil(2 * _REACH / long)
    rows = range(math.ceil(2 * _REACH / period))
    curves = "".join(
        f"M{-_REACH} {-_REACH + k * period:.1f}q{long / 2:.1f} {-swing:.1f} {long:.1f} 0"
        + f"t{long:.1f} 0" * (count - 1)
        for k in rows
    )
    return _stroke(curves, ink, period * rng.uniform(0.18, 0.42))


def _zigzag(rng: random.Random, period: float, ink: str) -> str:
    step = period * rng.uniform(0.5, 1.2)
    tooth = f"l{step:.1f} {-step:.1f}l{step:.1f} {step:.1f}"
    count = math.ceil(_REACH / step)
    rows = range(math.ceil(2 * _REACH / period))
    teeth = "".join(f"M{-_REACH} {-_REACH + k * period:.1f}" + tooth * count for k in rows)
    return _stroke(teeth, ink, period * rng.uniform(0.2, 0.42))


def _plaid(rng: random.Random, period: float, ink: str) -> str:
    bands = _stroke(_lines(2 * period), ink, period * rng.uniform(0.5, 1.0))
    threads = _stroke(_lines(2 * period), ink, period * 0.16)
    cloth = bands + group(threads, f"translate(0 {period:.1f})")
    return group(cloth + rotate(cloth, 90), stroke_opacity=0.55)


def _grid(rng: random.Random, period: float, ink: str) -> str:
    lines = _stroke(_lines(period), ink, period * rng.uniform(0.1, 0.3))
    return lines + rotate(lines, 90)


def _bark(rng: random.Random, period: float, ink: str) -> str:
    """Long cracks that wander and never cross far into their neighbours' way."""
    cracks = ""
    for k in range(math.ceil(2 * _REACH / period)):
        x, y = -_REACH + k * period, -_REACH
        cracks += f"M{x:.1f} {y}"
        while y < _REACH:
            long = rng.randint(24, 60)
            bends = [x + rng.gauss(0, 0.3) * period for _ in range(3)]
            y += long
            cracks += (
                f"C{bends[0]:.1f} {y - long * 0.6:.0f} {bends[1]:.1f} {y - long * 0.3:.0f} "
                f"{bends[2]:.1f} {y}"
            )
            if rng.random() < 0.25:
                y += 10
                cracks += f"M{x + rng.gauss(0, 0.3) * period:.1f} {y}"
    return _stroke(cracks, ink, period * rng.uniform(0.22, 0.42))


def _bricks(rng: random.Random, period: float, ink: str) -> str:
    long = period * rng.uniform(1.8, 2.6)
    joints = ""
    for row in range(math.ceil(2 * _REACH / period)):
        y = -_REACH + row * period
        for column in range(math.ceil(2 * _REACH / long)):
            x = -_REACH + (column + 0.5 * (row % 2)) * long
            joints += f"M{x:.1f} {y:.1f}v{period:.1f}"
    return _stroke(_lines(period) + joints, ink, period * rng.uniform(0.1, 0.22))


def _scales(rng: random.Random, period: float, ink: str) -> str:
    arcs = ""
    for row in range(math.ceil(2 * _REACH / (period * 0.7))):
        start = -_REACH - period * 0.5 * (row % 2)
        arcs += f"M{start:.1f} {-_REACH + row * period * 0.7:.1f}"
        arcs += f"a{period / 2:.1f} {period / 2:.1f} 0 0 0 {period:.1f} 0" * math.ceil(
            2 * _REACH / period + 1
        )
    return _stroke(arcs, ink, period * rng.uniform(0.12, 0.26))


def _checks(rng: random.Random, period: float, ink: str) -> str:
    dash = f"{period:.2f}"
    rows = "".join(
        f"M{-_REACH - period * (row % 2):.1f} {-_REACH + row * period:.1f}h{2 * _REACH + 40}"
        for row in range(math.ceil(2 * _REACH / period))
    )
    return path(rows, fill="none", stroke=ink, stroke_width=period, stroke_dasharray=dash)


def _rings(rng: random.Random, period: float, ink: str) -> str:
    x, y = rng.uniform(-120, 120), rng.uniform(-120, 120)
    rings = "".join(
        f"M{x - r:.1f} {y:.1f}a{r:.1f} {r:.1f} 0 1 0 {2 * r:.1f} 0a{r:.1f} {r:.1f} 0 1 0 "
        f"{-2 * r:.1f} 0"
        for r in (period * (k + 0.5) for k in range(math.ceil(_REACH * 1.6 / period)))
    )
    return _stroke(rings, ink, period * rng.uniform(0.25, 0.55))


Texture = Callable[[random.Random, float, str], str]

TEXTURES: dict[str, Texture] = {
    "stripes": _stripes,
    "hatching": _hatching,
    "waves": _waves,
    "zigzag": _zigzag,
    "plaid": _plaid,
    "grid": _grid,
    "bark": _bark,
    "bricks": _bricks,
    "scales": _scales,
    "checks": _checks,
    "rings": _rings,
}
"""(random choices, units from line to line, colour) -> ink around (0, 0)."""

_UPRIGHT = ("bark", "bricks", "scales")
_COARSE = ("checks", "scales", "waves", "zigzag")


def choose_colours(rng: random.Random) -> tuple[str, str]:
    """Return paper and ink: any hue, one lighter than the other or of another hue."""
    hue, vivid = rng.uniform(0, 360), rng.uniform(0.1, 0.6)
    light, contrast = rng.uniform(0.3, 0.85), rng.uniform(0.07, 0.34)
    away = rng.choice([0, 0, 20, 40, 160, 200])
    if light + contrast > 0.95 or (light - contrast > 0.15 and rng.random() < 0.5):
        contrast = -contrast
    return hsl(hue, vivid, light), hsl(hue + away, vivid, light + contrast)


def draw_texture(
    rng: random.Random, ink: str, kinds: tuple[str, ...] = (), finest: float = 5.0
) -> str:
    """Return one texture over the whole picture.

    Args:
        rng: Chooses the kind, its scale (the finer the likelier) and its angle.
        ink: The colour of the lines.
        kinds: Keys of ``TEXTURES`` to choose from; all when empty.
        finest: Units from line to line, at least.
    """
    kind = rng.choice(kinds or tuple(TEXTURES))
    finest = max(finest, 8.0) if kind in _COARSE else finest
    period = finest * (26.0 / finest) ** rng.random()
    angle = rng.gauss(0, 4) if kind in _UPRIGHT else rng.uniform(0, 180)
    ink_alone = TEXTURES[kind](rng, period, ink)
    return group(ink_alone, f"translate({SIZE // 2} {SIZE // 2}) rotate({angle:.1f})")


def fill_region(name: str, key: str, outline: str, paper: str, texture: str) -> str:
    """Return a region of the picture in one colour with a texture inside.

    Args:
        name: What it is, for ``draw_parts``.
        key: No other region of the picture may have it.
        outline: Its path data.
        paper: The colour.
        texture: From ``draw_texture``.
    """
    clip = f'<clipPath id="{key}">{path(outline)}</clipPath>'
    inside = group(texture, clip_path=f"url(#{key})")
    return f"<defs>{clip}</defs>" + part(name, path(outline, fill=paper) + inside)
