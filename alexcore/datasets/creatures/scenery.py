"""What surrounds a creature in the demo set: ground and sky, clutter in front, and light."""

import random
from collections.abc import Callable

from alexcore.datasets.creatures.svg import (
    SIZE,
    ellipse,
    group,
    hsl,
    linear_gradient,
    part,
    path,
    polygon,
    shape,
)

Background = Callable[[random.Random], str]


def rectangle(y: float, height: float, fill: str, x: float = 0, width: float = SIZE) -> str:
    """Return an upright rectangle, by default across the whole picture."""
    return shape(
        "rect", x=float(x), y=float(y), width=float(width), height=float(height), fill=fill
    )


def draw_backdrop(top: str, bottom: str, name: str = "sky") -> str:
    """Fill the whole picture with one colour above that turns into another below."""
    gradient = linear_gradient("sky", [(0.0, top), (1.0, bottom)])
    return f"<defs>{gradient}</defs>" + part(name, rectangle(0, SIZE, "url(#sky)"))


def _hills(rng: random.Random, horizon: float, hue: float, count: int) -> str:
    parts = []
    for layer in range(count):
        base = horizon + layer * 22
        bends = [base + rng.uniform(-22, 14) for _ in range(4)]
        parts.append(
            path(
                f"M0 {base:.0f} C40 {bends[0]:.0f} 70 {bends[1]:.0f} 128 {base:.0f} "
                f"S220 {bends[2]:.0f} 256 {bends[3]:.0f} V256 H0 z",
                fill=hsl(hue + 8 * layer, rng.uniform(0.3, 0.5), 0.62 - 0.1 * layer),
            )
        )
    return part("hill", "".join(parts))


def draw_cloud(x: float, y: float, scale: float, fill: str) -> str:
    """Return four puffs around (x, y)."""
    puffs = ((0, 0, 22, 11), (-15, 3, 13, 8), (15, 4, 14, 8), (3, -7, 12, 9))
    cloud = "".join(
        ellipse((x + dx * scale, y + dy * scale), rx * scale, ry * scale, fill=fill)
        for dx, dy, rx, ry in puffs
    )
    return part("cloud", cloud)


def _tree(x: float, y: float, scale: float, hue: float, pointed: bool) -> str:
    trunk = rectangle(y - 26 * scale, 28 * scale, hsl(28, 0.35, 0.32), x - 4 * scale, 8 * scale)
    leaf = hsl(hue, 0.42, 0.36)
    if pointed:
        crown = "".join(
            polygon(
                [
                    (x - (30 - 7 * k) * scale, y - (18 + 22 * k) * scale),
                    (x, y - (58 + 20 * k) * scale),
                    (x + (30 - 7 * k) * scale, y - (18 + 22 * k) * scale),
                ],
                fill=hsl(hue, 0.42, 0.3 + 0.05 * k),
            )
            for k in range(3)
        )
    else:
        crown = ellipse((x, y - 52 * scale), 30 * scale, 34 * scale, fill=leaf)
        crown += ellipse(
            (x - 8 * scale, y - 60 * scale), 15 * scale, 17 * scale, fill=hsl(hue, 0.45, 0.43)
        )
    return part("tree", trunk + crown)


def _meadow(rng: random.Random) -> str:
    parts = [
        draw_backdrop(hsl(rng.uniform(190, 225), 0.6, 0.7), hsl(rng.uniform(40, 200), 0.5, 0.88))
    ]
    for _ in range(rng.randint(1, 3)):
        parts.append(
            draw_cloud(
                rng.uniform(10, 246), rng.uniform(20, 80), rng.uniform(0.7, 1.5), "#ffffffcc"
            )
        )
    parts.append(_hills(rng, rng.uniform(120, 160), rng.uniform(70, 140), 3))
    return "".join(parts)


def _forest(rng: random.Random) -> str:
    parts = [
        draw_backdrop(hsl(rng.uniform(120, 190), 0.3, 0.72), hsl(rng.uniform(70, 130), 0.3, 0.5))
    ]
    hue, pointed = rng.uniform(80, 160), rng.random() < 0.5
    trees = sorted((rng.uniform(120, 190), rng.uniform(-5, 261)) for _ in range(rng.randint(6, 10)))
    parts.append(_hills(rng, 150, hue, 1))
    parts += [_tree(x, y, (y - 60) / 90, hue + rng.uniform(-12, 12), pointed) for y, x in trees]
    return "".join(parts)


def _beach(rng: random.Random) -> str:
    horizon = rng.uniform(90, 130)
    sea = rng.uniform(180, 215)
    parts = [draw_backdrop(hsl(sea, 0.6, 0.75), hsl(rng.uniform(20, 60), 0.6, 0.86))]
    water = rectangle(horizon, 60, hsl(sea, 0.55, 0.5))
    for k in range(4):
        y = horizon + 10 + 12 * k
        curve = f"M0 {y:.0f} q32 -7 64 0 t64 0 t64 0 t64 0"
        water += path(curve, fill="none", stroke="#ffffff88", stroke_width=2.0)
    sand = hsl(rng.uniform(34, 46), 0.55, 0.74)
    shore = path(
        f"M0 {horizon + 55:.0f} Q128 {horizon + 36:.0f} 256 {horizon + 60:.0f} V256 H0 z",
        fill=sand,
    )
    return "".join(parts) + part("sea", water) + part("sand", shore)


def _night(rng: random.Random) -> str:
    hue = rng.uniform(215, 275)
    parts = [draw_backdrop(hsl(hue, 0.5, 0.12), hsl(hue + 20, 0.45, 0.34))]
    stars = "".join(
        ellipse((rng.uniform(0, 256), rng.uniform(0, 150)), r, r, fill="#fff6d5")
        for r in (rng.uniform(0.5, 1.8) for _ in range(40))
    )
    moon = ellipse((rng.uniform(30, 226), rng.uniform(25, 70)), 17, 17, fill="#fdf3c8")
    hill = path(
        f"M0 190 Q{rng.uniform(40, 200):.0f} 160 256 195 V256 H0 z", fill=hsl(hue, 0.3, 0.2)
    )
    return "".join(parts) + part("star", stars) + part("moon", moon) + part("hill", hill)


def _room(rng: random.Random) -> str:
    wall, floor = rng.uniform(0, 360), rng.uniform(15, 45)
    room = draw_backdrop(hsl(wall, 0.35, 0.82), hsl(wall, 0.3, 0.68), "wall")
    if rng.random() < 0.6:
        stripes = [rectangle(0, 190, hsl(wall, 0.3, 0.76), 30 * k, 12) for k in range(9)]
        room += part("wall", "".join(stripes))
    edge = rng.uniform(170, 195)
    boards = rectangle(edge, 90, hsl(floor, 0.4, 0.5))
    boards += rectangle(edge, 5, hsl(floor, 0.35, 0.36))
    x, y = rng.uniform(15, 170), rng.uniform(20, 60)
    window = rectangle(y, 62, "#fbfbf5", x, 54)
    window += rectangle(y + 5, 52, hsl(rng.uniform(0, 360), 0.5, 0.7), x + 5, 44)
    return room + part("floor", boards) + part("window", window)


def _snow(rng: random.Random) -> str:
    scene = draw_backdrop(hsl(rng.uniform(190, 260), 0.35, 0.7), "#eef3f8")
    for x in (rng.uniform(0, 90), rng.uniform(120, 256)):
        tall = rng.uniform(60, 110)
        rock = polygon([(x - 90, 190), (x, 180 - tall), (x + 90, 190)], fill=hsl(215, 0.25, 0.6))
        cap = polygon([(x - 26, 212 - tall), (x, 180 - tall), (x + 26, 212 - tall)], fill="#ffffff")
        scene += part("mountain", rock + cap)
    scene += part("snow", path("M0 178 Q90 160 256 182 V256 H0 z", fill="#f4f7fb"))
    flakes = "".join(
        ellipse((rng.uniform(0, 256), rng.uniform(0, 256)), 2.2, 2.2, fill="#ffffffdd")
        for _ in range(36)
    )
    return scene + part("flake", flakes)


def _pattern(rng: random.Random) -> str:
    hue = rng.uniform(0, 360)
    other = hue + rng.uniform(30, 180)
    fill = hsl(other, 0.5, 0.7)
    dots = ""
    for row in range(5):
        for column in range(5):
            x, y = 26 + 52 * column + 26 * (row % 2), 26 + 52 * row
            dots += ellipse((x, y), 13, 13, fill=fill, fill_opacity=0.6)
    backdrop = draw_backdrop(hsl(hue, 0.5, 0.75), hsl(hue + 30, 0.5, 0.62), "backdrop")
    return backdrop + part("dot", dots)


def _studio(rng: random.Random) -> str:
    light = rng.uniform(0.72, 0.97)
    hue = rng.uniform(0, 360)
    return draw_backdrop(hsl(hue, 0.12, light), hsl(hue, 0.14, light - 0.12), "backdrop")


BACKGROUNDS: dict[str, Background] = {
    "meadow": _meadow,
    "forest": _forest,
    "beach": _beach,
    "night": _night,
    "room": _room,
    "snow": _snow,
    "pattern": _pattern,
    "studio": _studio,
}


def _grass(rng: random.Random) -> str:
    hue, x = rng.uniform(70, 150), rng.uniform(0, 256)
    blades = "".join(
        path(
            f"M{x + dx:.0f} 258 q{rng.uniform(-12, 12):.0f} -26 "
            f"{rng.uniform(-14, 14):.0f} {-rng.uniform(30, 62):.0f} "
            f"q6 26 9 60 z",
            fill=hsl(hue, 0.45, rng.uniform(0.28, 0.45)),
        )
        for dx in range(-28, 30, 7)
    )
    return part("grass", blades)


def _rock(rng: random.Random) -> str:
    x, y, scale = rng.uniform(10, 246), rng.uniform(205, 250), rng.uniform(0.6, 1.3)
    grey = rng.uniform(0.4, 0.65)
    stone = path("M-30 14 Q-32 -10 -12 -18 Q10 -28 26 -8 Q36 8 28 14 z", fill=hsl(30, 0.08, grey))
    shine = path("M-18 -6 Q-8 -16 8 -14", fill="none", stroke="#ffffff77", stroke_width=3.0)
    return group(part("rock", stone + shine), f"translate({x:.0f} {y:.0f}) scale({scale:.2f})")


def _flower(rng: random.Random) -> str:
    x, y, hue = rng.uniform(6, 250), rng.uniform(190, 245), rng.uniform(0, 360)
    stem = path(
        f"M{x:.0f} {y:.0f} q3 16 0 34", fill="none", stroke=hsl(110, 0.4, 0.35), stroke_width=2.4
    )
    petals = "".join(
        group(
            ellipse((0, -6), 4, 6, fill=hsl(hue, 0.65, 0.7)),
            f"translate({x:.0f} {y:.0f}) rotate({72 * k})",
        )
        for k in range(5)
    )
    return part("flower", stem + petals + ellipse((x, y), 3.4, 3.4, fill="#ffd85a"))


def _ball(rng: random.Random) -> str:
    x, y, r = rng.uniform(14, 242), rng.uniform(205, 240), rng.uniform(9, 20)
    hue = rng.uniform(0, 360)
    ball = ellipse((x, y), r, r, fill=hsl(hue, 0.65, 0.55))
    band = path(
        f"M{x - r:.0f} {y:.0f} Q{x:.0f} {y + r * 0.5:.0f} {x + r:.0f} {y:.0f}",
        fill="none",
        stroke="#fff",
        stroke_width=3.0,
    )
    return part("ball", ball + band)


def _bubble(rng: random.Random) -> str:
    x, y, r = rng.uniform(8, 248), rng.uniform(8, 248), rng.uniform(4, 15)
    bubble = ellipse((x, y), r, r, fill="#ffffff44", stroke="#ffffffaa", stroke_width=1.4)
    return part("bubble", bubble)


def _leaf(rng: random.Random) -> str:
    x, y, turn = rng.uniform(0, 256), rng.uniform(0, 256), rng.uniform(0, 360)
    leaf = path("M0 0 Q9 -12 0 -26 Q-9 -12 0 0 z", fill=hsl(rng.uniform(20, 130), 0.55, 0.48))
    return group(part("leaf-clutter", leaf), f"translate({x:.0f} {y:.0f}) rotate({turn:.0f})")


CLUTTER = (_grass, _rock, _flower, _ball, _bubble, _leaf)


def draw_clutter(rng: random.Random, count: int, kinds: tuple[Background, ...] = CLUTTER) -> str:
    """Return ``count`` small things, of few kinds in one picture as in a real place."""
    kinds = tuple(rng.sample(kinds, k=2))
    return "".join(rng.choice(kinds)(rng) for _ in range(count))


def draw_light(rng: random.Random, strength: float) -> str:
    """Return a veil over the whole picture: coloured light from one side, shade on the other.

    One translucent linear gradient: blend modes and radial gradients over the whole picture
    cost as much to render as everything else in it.
    """
    warm = hsl(rng.choice([30, 45, 210, 240, 275, 330]), 0.8, 0.62)
    lit = rng.uniform(0, 1)
    near, far = (f"{round(255 * strength * share):02x}" for share in (0.45, 0.85))
    stops = [(0.0, warm + near), (0.5, warm + "10"), (1.0, "#2a2440" + far)]
    shade = linear_gradient("shade", stops, start=(lit, 0), end=(1 - lit, 1))
    return f"<defs>{shade}</defs>" + rectangle(0, SIZE, "url(#shade)")
