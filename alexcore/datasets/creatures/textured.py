"""Places with texture, for the larger sets: fabrics, walls, trunks, furrows, waves, patchwork."""

import random

from alexcore.datasets.creatures.scenery import (
    BACKGROUNDS,
    Background,
    draw_backdrop,
    draw_cloud,
    rectangle,
)
from alexcore.datasets.creatures.svg import SIZE, group, hsl, part
from alexcore.datasets.creatures.textures import choose_colours, draw_texture, fill_region

_WHOLE = f"M0 0H{SIZE}V{SIZE}H0z"


def _fabric(rng: random.Random) -> str:
    paper, ink = choose_colours(rng)
    return fill_region("cloth", "cloth", _WHOLE, paper, draw_texture(rng, ink))


def _interior(rng: random.Random) -> str:
    edge = rng.uniform(160, 200)
    paper, ink = choose_colours(rng)
    papered = draw_texture(rng, ink, ("stripes", "plaid", "scales", "grid", "zigzag", "hatching"))
    wall = fill_region("wall", "wall", f"M0 0H{SIZE}V{edge:.0f}H0z", paper, papered)
    paper, ink = choose_colours(rng)
    tiled = draw_texture(rng, ink, ("grid", "checks", "stripes", "bricks"))
    floor = fill_region("floor", "floor", f"M0 {edge:.0f}H{SIZE}V{SIZE}H0z", paper, tiled)
    skirting = part("floor", rectangle(edge, 5, ink))
    x, y, glass = rng.uniform(15, 170), rng.uniform(15, 60), hsl(rng.uniform(0, 360), 0.5, 0.7)
    window = rectangle(y, 62, "#fbfbf5", x, 54) + rectangle(y + 5, 52, glass, x + 5, 44)
    return wall + (part("window", window) if rng.random() < 0.6 else "") + floor + skirting


def _street(rng: random.Random) -> str:
    edge = rng.uniform(150, 205)
    paper, ink = choose_colours(rng)
    bricks = draw_texture(rng, ink, ("bricks",), finest=8.0)
    wall = fill_region("wall", "wall", f"M0 0H{SIZE}V{edge:.0f}H0z", paper, bricks)
    paper, ink = choose_colours(rng)
    paved = draw_texture(rng, ink, ("grid", "bricks", "scales", "hatching"))
    pavement = fill_region("pavement", "pavement", f"M0 {edge:.0f}H{SIZE}V{SIZE}H0z", paper, paved)
    return wall + pavement + part("pavement", rectangle(edge - 3, 5, hsl(30, 0.1, 0.35)))


def _grove(rng: random.Random) -> str:
    """Broad trunks close by, each with bark of its own, on a hatched ground."""
    scene = draw_backdrop(hsl(rng.uniform(0, 360), 0.35, 0.78), hsl(rng.uniform(0, 360), 0.3, 0.55))
    hue, light = rng.uniform(0, 360), rng.uniform(0.25, 0.6)
    x = rng.uniform(-30, 20)
    while x < SIZE:
        wide, foot = rng.uniform(24, 64), rng.uniform(175, 215)
        outline = (
            f"M{x:.0f} 0H{x + wide:.0f}Q{x + wide - 5:.0f} {foot - 60:.0f} "
            f"{x + wide + 9:.0f} {foot:.0f}H{x - 9:.0f}Q{x + 5:.0f} {foot - 60:.0f} {x:.0f} 0z"
        )
        bark = draw_texture(rng, hsl(hue, 0.3, light - 0.14), ("bark",))
        scene += fill_region("tree", f"trunk{x:.0f}", outline, hsl(hue, 0.28, light), bark)
        x += wide + rng.uniform(18, 80)
    paper, ink = choose_colours(rng)
    blades = draw_texture(rng, ink, ("hatching", "waves", "stripes"))
    return scene + fill_region(
        "ground", "ground", f"M0 185Q128 165 256 190V{SIZE}H0z", paper, blades
    )


def _fields(rng: random.Random) -> str:
    """Hills one behind the other, each ploughed at another angle."""
    hue = rng.uniform(0, 360)
    scene = draw_backdrop(hsl(hue, 0.55, 0.75), hsl(hue + rng.uniform(-60, 60), 0.5, 0.9))
    for _ in range(rng.randint(0, 2)):
        scene += draw_cloud(
            rng.uniform(10, 246), rng.uniform(15, 60), rng.uniform(0.7, 1.5), "#ffffffcc"
        )
    y = rng.uniform(60, 110)
    for number in range(rng.randint(3, 5)):
        left, middle, right = (y + rng.uniform(-24, 24) for _ in range(3))
        outline = f"M0 {left:.0f}Q128 {middle - 20:.0f} {SIZE} {right:.0f}V{SIZE}H0z"
        paper, ink = choose_colours(rng)
        furrows = draw_texture(rng, ink, ("stripes", "hatching", "waves"))
        scene += fill_region("field", f"field{number}", outline, paper, furrows)
        y += rng.uniform(25, 50)
    return scene


def _surf(rng: random.Random) -> str:
    hue, horizon = rng.uniform(0, 360), rng.uniform(70, 120)
    scene = draw_backdrop(hsl(hue, 0.5, 0.8), hsl(hue + 40, 0.5, 0.9))
    waves = draw_texture(rng, hsl(hue, 0.4, 0.8), ("waves", "scales", "zigzag"))
    sea = f"M0 {horizon:.0f}H{SIZE}V{SIZE}H0z"
    scene += fill_region("sea", "sea", sea, hsl(hue, 0.5, rng.uniform(0.35, 0.6)), waves)
    paper, ink = choose_colours(rng)
    shore = f"M0 {horizon + 75:.0f}Q128 {horizon + 45:.0f} 256 {horizon + 80:.0f}V{SIZE}H0z"
    return scene + fill_region(
        "sand", "sand", shore, paper, draw_texture(rng, ink, ("waves", "hatching"))
    )


def _patchwork(rng: random.Random) -> str:
    """A quilt of two to four patches a side, each of another cloth."""
    count = rng.randint(2, 4)
    edges = [0.0, *sorted(SIZE * (k + rng.uniform(-0.25, 0.25)) / count for k in range(1, count))]
    spans = list(zip(edges, [*edges[1:], float(SIZE)], strict=True))
    quilt = ""
    for row, (top, bottom) in enumerate(spans):
        for column, (left, right) in enumerate(spans):
            outline = f"M{left:.0f} {top:.0f}H{right:.0f}V{bottom:.0f}H{left:.0f}z"
            paper, ink = choose_colours(rng)
            quilt += fill_region(
                "cloth", f"patch{row}{column}", outline, paper, draw_texture(rng, ink)
            )
    return quilt


def _grained(background: Background) -> Background:
    """Return a place of the demo set, as if printed on coarse paper."""

    def draw(rng: random.Random) -> str:
        place = background(rng)
        ink = rng.choice(["#ffffff", "#1d1a2a"])
        grain = draw_texture(rng, ink, ("stripes", "hatching", "waves", "grid", "bark", "rings"))
        return place + group(grain, opacity=round(rng.uniform(0.06, 0.26), 2))

    return draw


TEXTURED: dict[str, Background] = {
    "fabric": _fabric,
    "interior": _interior,
    "street": _street,
    "grove": _grove,
    "fields": _fields,
    "surf": _surf,
    "patchwork": _patchwork,
} | {f"grained-{name}": _grained(draw) for name, draw in BACKGROUNDS.items()}
"""The places of the larger sets."""
