"""One picture of a drawn set: (creature, seed) -> Scene of random choices -> SVG -> PNG."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from alexcore.datasets.creatures import scenery
from alexcore.datasets.creatures.breeds import BASES, draw_body
from alexcore.datasets.creatures.species import MOODS, Coat, Pose, create_coat
from alexcore.datasets.creatures.svg import SIZE, ellipse, group, hsl, part

_HOME_HUES = {"brook": 205.0, "cinder": 22.0, "muse": 285.0, "sprig": 145.0, "volt": 50.0}
Span = tuple[float, float]
ShapeRendering = Literal["geometric_precision", "crisp_edges"]


@dataclass(frozen=True, slots=True)
class Style:
    """How the pictures of a set are drawn; as given here, the demo set's.

    Attributes:
        at_home: Share of creatures in their species' usual hue; the others have any.
        any_flame: Whether flames have any hue too; they are orange otherwise.
        vivid: From which saturation to which, in [0, 1].
        light: From which lightness of the coat to which, in [0, 1].
        scale: From which size of the creature to which; at 1 it is 180 of 256 units tall.
        places: The backgrounds, each as likely as another, whatever stands before it.
        foreground: What may stand in front of the creature.
        in_front: How many of them do; one of these is drawn.
        veil: From which strength of the light over all to which.
    """

    at_home: float = 0.4
    any_flame: bool = False
    vivid: Span = (0.2, 0.72)
    light: Span = (0.42, 0.72)
    scale: Span = (0.5, 1.2)
    places: Mapping[str, scenery.Background] = field(default_factory=lambda: scenery.BACKGROUNDS)
    foreground: tuple[scenery.Background, ...] = scenery.CLUTTER
    in_front: tuple[int, ...] = (0, 0, 1, 2, 3)
    veil: Span = (0.1, 0.75)


@dataclass(frozen=True, slots=True)
class Scene:
    """The layers of one picture as SVG, the farthest first."""

    defs: str = ""
    background: str = ""
    behind: str = ""
    creature: str = ""
    before: str = ""
    light: str = ""

    def to_svg(self, size: int) -> str:
        """Return the picture at ``size`` x ``size`` pixels."""
        layers = self.background + self.behind + self.creature + self.before + self.light
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" '
            f'width="{size}" height="{size}"><defs>{self.defs}</defs>{layers}</svg>'
        )

    def to_png(self, size: int) -> bytes:
        """Return the picture at ``size`` x ``size`` opaque pixels."""
        return render(self.to_svg(size))


def render(svg: str, shape_rendering: ShapeRendering = "geometric_precision") -> bytes:
    """Return an SVG as PNG; with ``"crisp_edges"`` each pixel is what covers its middle."""
    import resvg_py

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg, skip_system_fonts=True, shape_rendering=shape_rendering
    )
    return bytes(drawn)


def choose_pose(rng: random.Random) -> Pose:
    """Return any pose and mood."""
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


def choose_coat(name: str, rng: random.Random, style: Style) -> Coat:
    """Return a coat in the species' usual hue, or more often in any other."""
    at_home = rng.random() < style.at_home
    usual = _HOME_HUES[BASES.get(name, name)]
    hue = usual + rng.uniform(-16, 16) if at_home else rng.uniform(0, 360)
    coat = create_coat(
        hue=hue,
        accent_hue=hue + rng.choice([60, 110, 150, 180, 210, 290]) + rng.uniform(-15, 15),
        vivid=rng.uniform(*style.vivid),
        light=rng.uniform(*style.light),
        outline=rng.choice([1.0, 1.6, 2.2, 2.8]),
    )
    if style.any_flame:
        fire = rng.uniform(0, 360)
        flame = (hsl(fire, 0.85, 0.52), hsl(fire + 20, 0.9, 0.6), hsl(fire + 40, 0.95, 0.78))
        coat = replace(coat, flame=flame)
    return coat


def place(name: str, rng: random.Random, coat: Coat, at: tuple[float, float], size: float) -> str:
    """Return the creature with its shadow, somewhere, somehow turned and scaled."""
    tilt = rng.gauss(0, 11)
    flip = rng.choice([-1, 1])
    squash = rng.uniform(0.9, 1.1)
    shadow = ellipse((0, 84), 62, 11, fill="#1d1a2a", fill_opacity=0.22)
    return group(
        shadow
        + group(part("creature", draw_body(name, choose_pose(rng), coat)), f"rotate({tilt:.1f})"),
        f"translate({at[0]:.1f} {at[1]:.1f}) scale({flip * size:.3f} {size * squash:.3f})",
    )


def compose(name: str, key: str, style: Style, background_seed: int | None = None) -> Scene:
    """Return the scene that a key stands for.

    Args:
        name: A species or breed.
        key: Whatever text tells this picture from all others; all choices follow from it.
        style: Of the set.
        background_seed: Another background, and other things on it, behind the same creature.
    """
    rng = random.Random(key)
    coat = choose_coat(name, rng, style)
    background = _choose_background(rng, style)
    scale = rng.uniform(*style.scale)
    spread = 30 + 44 * (1.2 - scale)
    at = (128 + rng.uniform(-spread, spread), 138 + rng.uniform(-spread, spread) * 0.7)
    behind = scenery.draw_clutter(rng, rng.randint(0, 6))
    creature = place(name, rng, coat, at, scale)
    before = scenery.draw_clutter(rng, rng.choice(style.in_front), style.foreground)
    light = scenery.draw_light(rng, rng.uniform(*style.veil))
    if background_seed is not None:
        other = random.Random(f"background/{background_seed}")
        background = _choose_background(other, style)
        behind = scenery.draw_clutter(other, other.randint(0, 6))
    return Scene(coat.defs, background, behind, creature, before, light)


def _choose_background(rng: random.Random, style: Style) -> str:
    return style.places[rng.choice(sorted(style.places))](rng)
