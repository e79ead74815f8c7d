"""The masks of a drawn picture, held to the pixels of the picture itself."""

import io
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy.ndimage import binary_dilation, binary_erosion

from alexcore.datasets.creatures import SETS, draw_creature, draw_parts
from alexcore.datasets.creatures.parts import mask_parts
from alexcore.datasets.creatures.scene import Scene, render
from alexcore.datasets.creatures.svg import group, part, shape
from alexcore.errors import DatasetError

_SIZE = 128
_NEAR = np.ones((3, 3), bool)
"""What softened edges reach: one pixel around."""


def _to_pixels(png: bytes) -> npt.NDArray[np.int64]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(np.int64)


def _recolour(
    element: ElementTree.Element, name: str, colour: str, inside: bool = False, lined: bool = False
) -> None:
    """Paint what is inside groups of that name; an outline too, where there is one."""
    inside = element.get("class", name if inside else "") == name
    lined = element.get("stroke", "x" if lined else "none") != "none"
    for child in element:
        _recolour(child, name, colour, inside, lined)
    if inside and not len(element):
        if element.get("fill") != "none":
            element.set("fill", colour)
        if lined:
            element.set("stroke", colour)


def _measure_share(scene: Scene, name: str) -> npt.NDArray[np.float64]:
    """Return how much of each pixel shows the part: the picture with it white, less it black."""
    drawn = []
    for colour in ("#ffffff", "#000000"):
        root = ElementTree.fromstring(replace(scene, light="").to_svg(_SIZE))
        _recolour(root, name, colour)
        drawn.append(_to_pixels(render(ElementTree.tostring(root, encoding="unicode"))))
    return np.asarray((drawn[0] - drawn[1]).mean(2) / 255)


_SEEN_IN = [
    ("creatures", "brook", "shell"), ("creatures", "brook", "flipper"),
    ("creatures", "cinder", "flame"), ("creatures", "cinder", "tail"),
    ("creatures", "cinder", "belly"), ("creatures", "sprig", "leaf"),
    ("creatures", "sprig", "bulb"), ("creatures", "sprig", "eye"), ("creatures", "volt", "ear"),
    ("creatures", "volt", "whisker"), ("creatures", "muse", "horn"), ("creatures", "muse", "mouth"),
    ("creatures", "muse", "moon"), ("creatures", "volt", "tree"), ("creatures", "sprig", "sand"),
    ("creatures", "brook", "rock"), ("creatures", "brook", "flower"),
    ("creatures-large", "cinder", "wall"), ("creatures-large", "volt", "cloth"),
    ("creatures-hard", "ember", "wing"), ("creatures-hard", "halo", "ring"),
    ("creatures-hard", "reef", "spike"), ("creatures-hard", "bloom", "boulder"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "species", "part_name"), _SEEN_IN)
def test_a_mask_is_where_the_part_is_most_of_the_pixel(
    name: str, species: str, part_name: str
) -> None:
    for seed in range(60):
        scene = SETS[name].compose(species, seed)
        mask = mask_parts(scene, _SIZE).get(part_name)
        if mask is not None and mask.sum() > 60:
            break
    assert mask is not None and mask.any()
    most = _measure_share(scene, part_name) > 0.5
    np.testing.assert_array_equal(most & ~binary_dilation(mask, _NEAR), False)
    np.testing.assert_array_equal(binary_erosion(mask, _NEAR, border_value=1) & ~most, False)
    assert (most ^ mask).sum() <= 0.5 * (binary_dilation(mask) & ~binary_erosion(mask)).sum()


@pytest.mark.parametrize("name", list(SETS))
def test_parts_make_up_the_picture_and_the_creature(name: str) -> None:
    for species in SETS[name].species:
        masks = draw_parts(species, 11, 96, set=name)
        creature = masks.pop("creature")
        assert 0.005 < creature.mean() < 0.7
        covered = sum(mask.astype(int) for mask in masks.values())
        np.testing.assert_array_equal(covered, np.ones((96, 96)))  # one part a pixel
        own = [mask for mask in masks.values() if mask.any() and not (mask & ~creature).any()]
        assert len(own) > 4
        np.testing.assert_array_equal(np.any(own, axis=0), creature)


def test_masks_by_hand() -> None:
    """A creature 8 of 16 wide, half of it hidden, a quarter behind what one sees through."""
    body = part("body", shape("rect", x=64, y=64, width=128, height=128, fill="#123456"))
    eye = part("eye", shape("rect", x=64, y=64, width=32, height=32, fill="#12345680"))
    wall = part("wall", shape("rect", x=128, y=0, width=128, height=256, fill="#ffffff"))
    veil = shape("rect", x=0, y=0, width=256, height=256, fill="#ff0000", fill_opacity=0.3)
    grain = group(shape("rect", x=0, y=0, width=256, height=256, fill="#ff0000"), opacity=0.2)
    floor = part("floor", shape("rect", x=0, y=0, width=256, height=256, fill="url(#none)"))
    scene = Scene("", floor + grain, "", part("creature", body + eye), wall + veil)
    masks = mask_parts(scene, 16)
    expected = {"creature": 4 * 8, "body": 4 * 8 - 4, "eye": 4, "wall": 128, "floor": 128 - 32}
    assert {name: mask.sum() for name, mask in masks.items()} == expected
    assert masks["eye"][4:6, 4:6].all() and masks["wall"][:, 8:].all()


@pytest.mark.parametrize("name", list(SETS))
def test_a_creature_is_the_same_before_another_background(name: str) -> None:
    here = draw_parts("muse", 5, _SIZE, set=name)
    there = draw_parts("muse", 5, _SIZE, set=name, background_seed=9)
    np.testing.assert_array_equal(here["creature"], there["creature"])
    first = _to_pixels(draw_creature("muse", 5, _SIZE, set=name))
    second = _to_pixels(draw_creature("muse", 5, _SIZE, set=name, background_seed=9))
    # Where two softened edges of a creature meet, a little of what is behind shows between them.
    inside = binary_erosion(here["creature"], _NEAR)
    assert (first[inside] != second[inside]).any(1).mean() < 0.03
    assert (first != second).any(2)[~here["creature"]].mean() > 0.5


def test_parts_reject_unknown_species() -> None:
    with pytest.raises(DatasetError, match="no species 'dragon'"):
        draw_parts("dragon", 0)
