"""How each species of the demo set is drawn: one function a species, a pose in, SVG out.

A creature stands around (0, 0), about 180 units tall, facing the viewer and turned by
``Pose.turn``; whoever composes the scene scales, turns over and places it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from alexcore.datasets.creatures.svg import (
    Point,
    ellipse,
    group,
    hsl,
    part,
    path,
    polygon,
    radial_gradient,
    rotate,
)


@dataclass(frozen=True, slots=True)
class Pose:
    """What varies from one picture of a species to the next.

    Attributes:
        turn: -1 (far to its left) to 1, how far the head and the front have turned.
        tail: -1 to 1, the swing of tail, ears or leaves.
        limbs: Four angles in degrees, arms or front legs first.
        head: Scale of the head, about 0.85 to 1.2.
        girth: Scale of the body's width, about 0.85 to 1.15.
        mood: One of ``MOODS``.
    """

    turn: float
    tail: float
    limbs: tuple[float, float, float, float]
    head: float
    girth: float
    mood: str


MOODS = ("calm", "happy", "sleepy", "surprised", "cheeky")


@dataclass(frozen=True, slots=True)
class Coat:
    """The colours of one creature; fills may be gradients named in ``defs``.

    A flame has three, the outermost first.
    """

    body: str
    belly: str
    accent: str
    dark: str
    line: str
    line_width: float
    defs: str
    flame: tuple[str, str, str] = ("#f2502b", "#fb9a2c", "#ffe680")


def create_coat(hue: float, accent_hue: float, vivid: float, light: float, outline: float) -> Coat:
    """Return a coat from a body hue, an accent hue, saturation, lightness and line width."""
    shades = [
        (0.0, hsl(hue, vivid, light + 0.17)),
        (0.55, hsl(hue, vivid, light)),
        (1.0, hsl(hue + 12, vivid, light - 0.17)),
    ]
    accents = [
        (0.0, hsl(accent_hue, vivid + 0.15, 0.68)),
        (1.0, hsl(accent_hue - 14, vivid + 0.15, 0.44)),
    ]
    return Coat(
        body="url(#body)",
        belly=hsl(hue + 18, vivid * 0.7, min(light + 0.3, 0.92)),
        accent="url(#accent)",
        dark=hsl(hue, vivid * 0.8, light * 0.45),
        line=hsl(hue, 0.35, light * 0.28),
        line_width=outline,
        defs=radial_gradient("body", shades, (0.35, 0.28))
        + radial_gradient("accent", accents, (0.4, 0.25)),
    )


def line_coat() -> Coat:
    """Return the coat of a pencil drawing: white within black lines."""
    return Coat("#fdfdfb", "#fdfdfb", "#f3f3ef", "#3a3a3a", "#1c1c1c", 3.0, "")


def _face(at: Point, pose: Pose, coat: Coat, gap: float, size: float, cheeks: str | None) -> str:
    """Two eyes, a mouth and perhaps cheeks, slid sideways by the turn of the head."""
    x, y = at[0] + pose.turn * gap * 0.7, at[1]
    near = 1 + 0.12 * pose.turn
    parts = []
    for side in (-1, 1):
        scale = size * (near if side == 1 else 2 - near)
        eye = (x + side * gap * (1 - 0.22 * abs(pose.turn)), y)
        if pose.mood == "sleepy":
            lid = path(
                f"M{eye[0] - scale:.1f} {eye[1]:.1f} q{scale:.1f} {scale:.1f} {2 * scale:.1f} 0",
                fill="none",
                stroke=coat.line,
                stroke_width=2.6,
                stroke_linecap="round",
            )
            parts.append(part("eye", lid))
            continue
        tall = 1.45 if pose.mood == "surprised" else 1.2
        white = ellipse(eye, scale, scale * tall, fill="#ffffff", stroke=coat.line)
        pupil = (eye[0] + pose.turn * scale * 0.3, eye[1] + scale * 0.1)
        dark = ellipse(pupil, scale * 0.66, scale * 0.88, fill="#241c2c", stroke="none")
        glint = (pupil[0] - scale * 0.22, pupil[1] - scale * 0.4)
        light = ellipse(glint, scale * 0.26, scale * 0.26, fill="#ffffff", stroke="none")
        parts.append(part("eye", white + dark + light))
        if cheeks:
            cheek = (x + side * gap * 1.55, y + size * 1.9)
            blush = ellipse(cheek, size * 0.72, size * 0.6, fill=cheeks, stroke="none")
            parts.append(part("cheek", blush))
    parts.append(part("mouth", _mouth((x, y + size * 2.1), pose.mood, size, coat)))
    return "".join(parts)


def _mouth(at: Point, mood: str, size: float, coat: Coat) -> str:
    x, y = at
    stroke: dict[str, str | float | None] = {
        "stroke": coat.line,
        "stroke_width": 2.2,
        "stroke_linecap": "round",
    }
    if mood == "surprised":
        return ellipse((x, y + 2), size * 0.4, size * 0.55, fill="#8c2f3f", **stroke)
    if mood == "happy":
        curve = f"M{x - size:.1f} {y:.1f} q{size:.1f} {size * 1.5:.1f} {2 * size:.1f} 0 z"
        return path(curve, fill="#a63d4c", stroke_linejoin="round", **stroke)
    lift = size * 0.5 if mood == "cheeky" else 0.0
    curve = f"M{x - size:.1f} {y:.1f} q{size:.1f} {size * 0.9:.1f} {2 * size:.1f} {-lift:.1f}"
    return path(curve, fill="none", **stroke)


def _limb(at: Point, angle: float, width: float, length: float, fill: str, toe: str = "") -> str:
    """A rounded arm or leg hanging down from a joint, swung by an angle."""
    end = (at[0], at[1] + length / 2)
    foot = ellipse((at[0], at[1] + length), width * 0.62, width * 0.42, fill=toe) if toe else ""
    return rotate(ellipse(end, width / 2, length / 2 + width / 4, fill=fill) + foot, angle, at)


def _sprig(pose: Pose, coat: Coat) -> str:
    """A broad quadruped with a sprouting bulb on its back."""
    wide = 62 * pose.girth
    leaf_fill = "url(#accent)"
    leaves = []
    for index, angle in enumerate((-62, -30, 0, 30, 62)):
        long = 58 - 4 * abs(index - 2)
        blade = (
            f"M0 0 C{-17} {-long * 0.4:.1f} {-12} {-long * 0.8:.1f} 0 {-long} "
            f"C12 {-long * 0.8:.1f} 17 {-long * 0.4:.1f} 0 0 z"
        )
        vein = path(f"M0 -6 L0 {-long * 0.8:.1f}", fill="none", stroke_width=1.2)
        leaves.append(
            group(
                path(blade, fill=leaf_fill) + vein,
                f"translate(0 -44) rotate({angle * 0.9 + 16 * pose.tail:.1f})",
            )
        )
    bulb = ellipse((0, -34), 30, 25, fill=coat.accent)
    bulb += path(
        "M0 -58 Q-12 -34 0 -12 M-16 -54 Q-28 -34 -14 -12 M16 -54 Q28 -34 14 -12",
        fill="none",
        stroke_width=1.5,
    )
    back = -pose.turn * 22
    legs = "".join(
        _limb((x * pose.girth, y), angle * 0.5, 27, length, coat.body, coat.belly)
        for x, y, angle, length in (
            (-44, 30, pose.limbs[2], 38),
            (44, 30, pose.limbs[3], 38),
        )
    )
    front = "".join(
        _limb((x * pose.girth + pose.turn * 14, 42), angle * 0.5, 29, 38, coat.body, coat.belly)
        for x, angle in ((-27, pose.limbs[0]), (27, pose.limbs[1]))
    )
    body = ellipse((0, 18), wide, 44, fill=coat.body)
    spots = "".join(
        ellipse(
            (x * pose.girth + back * 0.5, y),
            r,
            r * 0.8,
            fill=coat.dark,
            stroke="none",
            fill_opacity=0.45,
        )
        for x, y, r in ((-46, 2, 9), (44, 8, 11), (-36, 30, 6), (50, 26, 5))
    )
    centre = (pose.turn * 30, 20.0)
    r = 38 * pose.head
    ears = "".join(
        ellipse((centre[0] + s * r * 0.82, centre[1] - r * 0.68), r * 0.3, r * 0.26, fill=coat.body)
        for s in (-1, 1)
    )
    head = ellipse(centre, r * 1.15, r * 0.88, fill=coat.body)
    face = _face((centre[0], centre[1] - 5), pose, coat, 19 * pose.head, 8.5 * pose.head, None)
    sprout = part("leaf", "".join(leaves)) + part("bulb", bulb)
    trunk = part("body", body) + part("spot", spots)
    return (
        part("leg", legs)
        + group(sprout, f"translate({back:.1f} 0)")
        + trunk
        + part("leg", front)
        + part("ear", ears)
        + part("head", head)
        + face
    )


def _flame(at: Point, size: float, lean: float, colours: tuple[str, str, str]) -> str:
    """A three-layer flame standing on a point."""
    layers = zip((1.0, 0.68, 0.38), colours, strict=True)
    flame = "".join(
        path(
            f"M0 0 C{-15 * k:.1f} {-4 * k:.1f} {-19 * k:.1f} {-20 * k:.1f} {-6 * k:.1f} "
            f"{-31 * k:.1f} "
            f"C{-6 * k:.1f} {-24 * k:.1f} {0:.1f} {-26 * k:.1f} {2 * k:.1f} {-46 * k:.1f} "
            f"C{14 * k:.1f} {-36 * k:.1f} {20 * k:.1f} {-10 * k:.1f} 0 0 z",
            fill=colour,
            stroke="none",
        )
        for k, colour in layers
    )
    return group(flame, f"translate({at[0]:.1f} {at[1]:.1f}) rotate({lean:.1f}) scale({size:.2f})")


def _cinder(pose: Pose, coat: Coat) -> str:
    """An upright biped with a snout, a crest and a flame at the end of its tail."""
    wide = 38 * pose.girth
    reach = -1 if pose.turn > 0 else 1
    tip = (reach * (84 + 6 * pose.tail), 20 - 34 * pose.tail)
    tail = path(
        f"M{reach * 14} 34 C{reach * 50} 78 {tip[0]:.1f} {tip[1] + 62:.1f} {tip[0]:.1f} "
        f"{tip[1]:.1f} "
        f"C{tip[0] - reach * 16:.1f} {tip[1] + 36:.1f} {reach * 52} 44 {reach * 26} 14 z",
        fill=coat.body,
        stroke_linejoin="round",
    )
    legs = "".join(
        _limb((s * 20 * pose.girth, 46), a * 0.35, 26, 36, coat.body, coat.belly)
        for s, a in ((-1, pose.limbs[2]), (1, pose.limbs[3]))
    )
    body = path(
        f"M0 -34 C{wide:.1f} -30 {wide * 1.35:.1f} 30 {wide * 0.9:.1f} 56 Q0 82 "
        f"{-wide * 0.9:.1f} 56 "
        f"C{-wide * 1.35:.1f} 30 {-wide:.1f} -30 0 -34 z",
        fill=coat.body,
    )
    belly = ellipse((pose.turn * 12, 30), wide * 0.66, 34, fill=coat.belly, stroke="none")
    ribs = path(
        f"M{pose.turn * 12 - 18:.1f} 22 q18 8 36 0 M{pose.turn * 12 - 20:.1f} 38 q20 8 40 0",
        fill="none",
        stroke_width=1.4,
        stroke_opacity=0.5,
    )
    arms = "".join(
        _limb((s * wide * 0.82, -4), -s * 38 + a, 17, 36, coat.body)
        for s, a in ((-1, pose.limbs[0]), (1, pose.limbs[1]))
    )
    r = 34 * pose.head
    centre = (pose.turn * 10, -50.0)
    crest = "".join(
        polygon(
            [
                (centre[0] + x - 8 - reach * -4, centre[1] - r * 0.72),
                (centre[0] + x + reach * 9, centre[1] - r * (1.5 - abs(x) / 60)),
                (centre[0] + x + 8, centre[1] - r * 0.72),
            ],
            fill=coat.accent,
            stroke_linejoin="round",
        )
        for x in (-15, 0, 15)
    )
    head = ellipse(centre, r, r * 0.96, fill=coat.body)
    snout = (centre[0] + pose.turn * 20, centre[1] + r * 0.38)
    muzzle = ellipse(snout, r * 0.68, r * 0.46, fill=coat.body)
    nostrils = "".join(
        ellipse((snout[0] + s * 6, snout[1] - 6), 1.8, 1.4, fill=coat.line, stroke="none")
        for s in (-1, 1)
    )
    face = _face((centre[0], centre[1] - 6), pose, coat, 15 * pose.head, 7.5 * pose.head, None)
    flame = _flame((tip[0], tip[1] + 4), 0.95 + 0.2 * abs(pose.tail), 10 * pose.tail, coat.flame)
    return (
        part("tail", tail)
        + part("flame", flame)
        + part("leg", legs)
        + part("body", body)
        + part("belly", belly + ribs)
        + part("arm", arms)
        + part("crest", crest)
        + part("head", head)
        + part("snout", muzzle + nostrils)
        + face
    )


def _brook(pose: Pose, coat: Coat) -> str:
    """A swimmer in a patterned shell, with four flippers and a curled tail."""
    wide = 58 * pose.girth
    flippers = "".join(
        rotate(
            path(
                f"M{x} {y} q{sx * 26} {-10 if y < 10 else 2} {sx * 52} {14 if y < 10 else 22} "
                f"q{-sx * 22} {20 if y < 10 else 12} {-sx * 50} {10 if y < 10 else -2} z",
                fill=coat.body,
                stroke_linejoin="round",
            ),
            sx * angle * 0.7,
            (x, y),
        )
        for sx, x, y, angle in (
            (-1, -38, 0, pose.limbs[0]),
            (1, 38, 0, pose.limbs[1]),
            (-1, -34, 48, pose.limbs[2]),
            (1, 34, 48, pose.limbs[3]),
        )
    )
    side = -1 if pose.turn > 0 else 1
    tail = path(
        f"M{side * 20} 66 q{side * 34} 34 {side * 52} {8 + 14 * pose.tail:.1f} "
        f"q{side * 4} -24 {-side * 16} -18 q{side * 8} 12 {-side * 4} 12 q{-side * 14} "
        f"-2 {-side * 20} -26 z",
        fill=coat.body,
        stroke_linejoin="round",
    )
    rim = ellipse((0, 28), wide + 7, 57, fill=coat.belly)
    shell = ellipse((0, 28), wide, 50, fill=coat.accent)
    hexagon = [(0, -3), (24, 12), (24, 42), (0, 57), (-24, 42), (-24, 12)]
    shift = -pose.turn * 8
    plates = polygon(
        [(x * pose.girth + shift, y) for x, y in hexagon], fill="none", stroke_width=2.4
    )
    plates += "".join(
        path(
            f"M{x * pose.girth + shift:.1f} {y} L{ex * pose.girth:.1f} {ey}",
            fill="none",
            stroke_width=2.4,
        )
        for x, y, ex, ey in (
            (0, -3, 0, -20),
            (24, 12, 49, 1),
            (24, 42, 48, 56),
            (0, 57, 0, 76),
            (-24, 42, -48, 56),
            (-24, 12, -49, 1),
        )
    )
    r = 35 * pose.head
    centre = (pose.turn * 24, -46.0)
    neck = path(
        f"M-17 -12 Q{centre[0] - 22:.1f} -28 {centre[0] - 16:.1f} -44 L{centre[0] + 16:.1f} -44 "
        f"Q{centre[0] + 22:.1f} -28 17 -12 z",
        fill=coat.body,
    )
    head = ellipse(centre, r * 1.02, r * 0.92, fill=coat.body)
    fin = path(
        f"M{centre[0] - 5:.1f} {centre[1] - r * 0.85:.1f} q{-10 - 8 * pose.tail:.1f} "
        f"-18 {6 - 12 * pose.tail:.1f} -28 "
        f"q14 10 8 28 z",
        fill=coat.accent,
        stroke_linejoin="round",
    )
    face = _face((centre[0], centre[1] - 4), pose, coat, 16 * pose.head, 8.5 * pose.head, "#f08a9b")
    return (
        part("tail", tail)
        + part("flipper", flippers)
        + part("shell", rim + shell + plates)
        + part("neck", neck)
        + part("fin", fin)
        + part("head", head)
        + face
    )


def draw_bolt(side: int, pose: Pose, coat: Coat) -> str:
    """Return a tail like a flash of lightning, to the left (-1) or the right (1)."""
    bolt = [
        (18, 52),
        (48, 40),
        (40, 18),
        (74, 10),
        (60, -22),
        (104, -46),
        (92, 2),
        (66, 16),
        (74, 40),
        (42, 58),
        (24, 64),
    ]
    return rotate(
        polygon([(side * x, y) for x, y in bolt], fill=coat.accent, stroke_linejoin="round"),
        side * 14 * pose.tail,
        (side * 18.0, 52.0),
    )


def _volt(pose: Pose, coat: Coat) -> str:
    """A round rodent with broad tufted ears and a lightning-bolt tail."""
    wide = 45 * pose.girth
    side = -1 if pose.turn > 0 else 1
    tail = draw_bolt(side, pose, coat)
    feet = "".join(
        ellipse((s * 24 * pose.girth + a * 0.12, 74), 20, 10, fill=coat.belly)
        for s, a in ((-1, pose.limbs[2]), (1, pose.limbs[3]))
    )
    body = ellipse((0, 34), wide, 45, fill=coat.body)
    belly = ellipse((pose.turn * 12, 42), wide * 0.62, 30, fill=coat.belly, stroke="none")
    stripes = "".join(
        path(
            f"M{-side * wide * 0.98:.1f} {y} q{side * 14} 4 {side * 26} 0",
            fill="none",
            stroke=coat.dark,
            stroke_width=7.0,
            stroke_linecap="round",
        )
        for y in (26, 44)
    )
    arms = "".join(
        _limb((s * wide * 0.72, 12), -s * 30 + a, 18, 30, coat.body)
        for s, a in ((-1, pose.limbs[0]), (1, pose.limbs[1]))
    )
    r = 37 * pose.head
    centre = (pose.turn * 10, -24.0)
    ears = "".join(
        _volt_ear(s, (centre[0] + s * r * 0.58, centre[1] - r * 0.62), pose, coat) for s in (-1, 1)
    )
    head = ellipse(centre, r * 1.1, r * 0.95, fill=coat.body)
    nose = (centre[0] + pose.turn * 18, centre[1] + 6)
    face = _face((centre[0], centre[1] - 4), pose, coat, 17 * pose.head, 7.5 * pose.head, None)
    tip = ellipse(nose, 3.4, 2.4, fill=coat.line, stroke="none")
    whiskers = "".join(
        path(
            f"M{nose[0] + s * 16:.1f} {nose[1] + 4 + d} l{s * 24} {d * 1.6 - 2}",
            fill="none",
            stroke_width=1.3,
        )
        for s in (-1, 1)
        for d in (0, 5)
    )
    return (
        part("tail", tail)
        + part("foot", feet)
        + part("body", body)
        + part("stripe", stripes)
        + part("belly", belly)
        + part("arm", arms)
        + part("ear", ears)
        + part("head", head)
        + face
        + part("nose", tip)
        + part("whisker", whiskers)
    )


def _volt_ear(side: int, root: Point, pose: Pose, coat: Coat) -> str:
    """A broad leaf of an ear, darker inside and with a tuft at its tip."""
    ear = path("M-9 6 C-32 -18 -25 -54 0 -66 C25 -54 32 -18 9 6 z", fill=coat.body)
    inner = path(
        "M-4 -2 C-17 -20 -14 -42 0 -52 C14 -42 17 -20 4 -2 z", fill=coat.accent, stroke="none"
    )
    tuft = path("M-7 -60 L-3 -80 L0 -66 L6 -78 L8 -59 z", fill=coat.dark, stroke_linejoin="round")
    angle = side * 34 + 16 * pose.tail
    return group(tuft + ear + inner, f"translate({root[0]:.1f} {root[1]:.1f}) rotate({angle:.1f})")


def _muse(pose: Pose, coat: Coat) -> str:
    """A slender floating psychic with a crescent brow and a tail longer than itself."""
    side = -1 if pose.turn > 0 else 1
    wide = 23 * pose.girth
    swing = 26 * pose.tail
    tail = path(
        f"M{side * 4} 44 C{side * 20} 96 {side * 84} {92 + swing * 0.3:.1f} {side * 86} "
        f"{40 + swing:.1f} "
        f"C{side * 88} {-8 + swing:.1f} {side * 46} {-2 + swing:.1f} {side * 52} {32 + swing:.1f}",
        fill="none",
        stroke_linecap="round",
    )
    coloured = tail.replace(
        'fill="none"',
        f'fill="none" stroke="{coat.line}" stroke-width="{13 + 2 * coat.line_width:.1f}"',
    )
    inner = tail.replace('fill="none"', f'fill="none" stroke="{coat.belly}" stroke-width="13"')
    orb = ellipse((side * 52, 32 + swing), 12, 12, fill=coat.accent)
    legs = "".join(
        _limb((s * 11, 42), s * -14 + a * 0.4, 15, 44, coat.body, coat.accent)
        for s, a in ((-1, pose.limbs[2]), (1, pose.limbs[3]))
    )
    body = path(
        f"M0 -26 C{wide:.1f} -20 {wide * 0.8:.1f} 6 {wide * 1.1:.1f} 36 Q0 66 {-wide * 1.1:.1f} 36 "
        f"C{-wide * 0.8:.1f} 6 {-wide:.1f} -20 0 -26 z",
        fill=coat.body,
    )
    gem = polygon(
        [(pose.turn * 8, -4), (pose.turn * 8 + 7, 6), (pose.turn * 8, 18), (pose.turn * 8 - 7, 6)],
        fill=coat.accent,
    )
    arms = "".join(
        _muse_arm(s, a, wide, coat) for s, a in ((-1, pose.limbs[0]), (1, pose.limbs[1]))
    )
    r = 33 * pose.head
    centre = (pose.turn * 10, -52.0)
    brow = path(
        f"M{centre[0] - r * 1.2:.1f} {centre[1] - r * 1.2:.1f} Q{centre[0]:.1f} "
        f"{centre[1] + r * 0.1:.1f} "
        f"{centre[0] + r * 1.2:.1f} {centre[1] - r * 1.2:.1f} "
        f"Q{centre[0] + r * 0.9:.1f} {centre[1] - r * 0.2:.1f} "
        f"{centre[0]:.1f} {centre[1] - r * 0.2:.1f} Q{centre[0] - r * 0.9:.1f} "
        f"{centre[1] - r * 0.2:.1f} "
        f"{centre[0] - r * 1.2:.1f} {centre[1] - r * 1.2:.1f} z",
        fill=coat.accent,
        stroke_linejoin="round",
    )
    head = path(
        f"M{centre[0]:.1f} {centre[1] - r:.1f} C{centre[0] + r * 1.25:.1f} {centre[1] - r:.1f} "
        f"{centre[0] + r * 1.1:.1f} {centre[1] + r * 0.55:.1f} {centre[0]:.1f} "
        f"{centre[1] + r * 0.95:.1f} "
        f"C{centre[0] - r * 1.1:.1f} {centre[1] + r * 0.55:.1f} "
        f"{centre[0] - r * 1.25:.1f} {centre[1] - r:.1f} "
        f"{centre[0]:.1f} {centre[1] - r:.1f} z",
        fill=coat.body,
    )
    face = _face((centre[0], centre[1] + 1), pose, coat, 14 * pose.head, 7.0 * pose.head, None)
    return (
        part("tail", coloured + inner)
        + part("orb", orb)
        + part("leg", legs)
        + part("arm", arms)
        + part("body", body)
        + part("gem", gem)
        + part("horn", brow)
        + part("head", head)
        + face
    )


def _muse_arm(side: int, angle: float, wide: float, coat: Coat) -> str:
    joint = (side * wide * 0.7, -12.0)
    arm = ellipse((joint[0], joint[1] + 22), 6.5, 25, fill=coat.body)
    fingers = "".join(
        ellipse((joint[0] + x, joint[1] + 47), 4.5, 5.5, fill=coat.accent) for x in (-7, 0, 7)
    )
    return rotate(arm + fingers, -side * 42 + angle * 1.2, joint)


SPECIES: dict[str, Callable[[Pose, Coat], str]] = {
    "brook": _brook,
    "cinder": _cinder,
    "muse": _muse,
    "sprig": _sprig,
    "volt": _volt,
}
