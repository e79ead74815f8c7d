"""Where each part of a drawn picture is: the creature, its shell, the moon, as masks.

Scene -> its SVG with every shape in one flat colour a part, edges not softened -> one picture whose
colours are the parts' numbers -> masks. Geometry and painter's order are the picture's own.
"""

import io
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from PIL import Image

from alexcore.datasets.creatures.drawing import IMAGE_SIZE
from alexcore.datasets.creatures.scene import Scene, render
from alexcore.datasets.creatures.sets import CREATURES, find_set

Masks = dict[str, npt.NDArray[np.bool_]]

_SEEN = 1 / 3
"""What is less opaque hides nothing: a shadow, the inside of a bubble, the grain of paper."""

_WHOLE = "creature"
_INITIAL = {"fill": "#000000", "stroke": "none", "fill-opacity": "1", "stroke-opacity": "1"}


def draw_parts(
    species: str,
    seed: int,
    size: int = IMAGE_SIZE,
    set: str = CREATURES,
    background_seed: int | None = None,
) -> Masks:
    """Return the masks of a picture of ``draw_creature``, which takes the same arguments.

    Returns:
        Boolean (size, size) of what is visible of ``"creature"``, all of it without its shadow,
        and of each part by its name, of the creature (``"eye"``, ``"shell"``) and of the scene
        (``"moon"``, ``"grass"``). Parts do not overlap; those of the creature make it up. A part
        that is hidden has no pixel. A pixel belongs to what covers its middle; light over the
        whole picture and what is less than a third opaque hide nothing.

    Raises:
        DatasetError: There is no such set, or no such species in it.
    """
    return mask_parts(find_set(set).compose(species, seed, background_seed), size)


def mask_parts(scene: Scene, size: int) -> Masks:
    """Return the masks of a scene; see ``draw_parts``."""
    root = ElementTree.fromstring(replace(scene, light="").to_svg(size))
    chains: list[tuple[str, ...]] = []
    _number(root, (), _INITIAL, chains)
    flat = render(ElementTree.tostring(root, encoding="unicode"), shape_rendering="crisp_edges")
    pixels = np.asarray(Image.open(io.BytesIO(flat)).convert("RGB"), np.uint32)
    numbers = pixels @ np.array([1, 256, 65536], np.uint32)  # (size, size)
    found: Masks = {}
    for number, chain in enumerate(chains, start=1):
        for name in {*chain[-1:], *({_WHOLE} & {*chain})}:
            seen = numbers == number
            found[name] = found[name] | seen if name in found else seen
    return dict(sorted(found.items()))


def _number(
    element: ElementTree.Element,
    chain: tuple[str, ...],
    inherited: dict[str, str],
    chains: list[tuple[str, ...]],
) -> None:
    """Paint each shape in the number of its chain of names, from the outermost inwards."""
    if element.tag.endswith("defs"):
        return
    style = inherited | {key: element.attrib[key] for key in inherited if key in element.attrib}
    if name := element.get("class"):
        chain = (*chain, name)
    opacity = float(element.attrib.pop("opacity", 1))
    if opacity < _SEEN:
        element.clear()
        return
    for child in element:
        _number(child, chain, style, chains)
    if len(element):
        return
    if chain not in chains:
        chains.append(chain)
    number = chains.index(chain) + 1
    colour = f"#{number & 255:02x}{number >> 8 & 255:02x}{number >> 16:02x}"
    for paint in ("fill", "stroke"):
        seen = _read_opacity(style[paint]) * float(style[f"{paint}-opacity"]) >= _SEEN
        element.set(paint, colour if seen else "none")
        element.set(f"{paint}-opacity", "1")


def _read_opacity(paint: str) -> float:
    """Return how opaque a paint is: 0 of none, the last two digits of #rrggbbaa, else 1."""
    if paint == "none":
        return 0.0
    return int(paint[7:], 16) / 255 if paint.startswith("#") and len(paint) == 9 else 1.0
