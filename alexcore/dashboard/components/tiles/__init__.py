"""A picture made of tiles one can choose from, by mouse and by the arrow keys."""

from collections.abc import Callable
from dataclasses import dataclass

from alexcore.dashboard.components import mount, publish, register
from alexcore.figures.sprites import Grid

_component = register("tiles")


@dataclass(frozen=True, slots=True)
class Tiles:
    """A sprite and what stands in it.

    Attributes:
        png: The picture, of ``grid.size``.
        grid: Where its tiles are.
        count: How many tiles there are.
        alt: What it shows.
    """

    png: bytes
    grid: Grid
    count: int
    alt: str


def show_tiles(
    tiles: Tiles, selected: int | None, on_choose: Callable[[int], None], key: str
) -> None:
    """Show a sprite; a click or an arrow key on it calls ``on_choose`` with a place in it.

    Args:
        tiles: The sprite.
        selected: The marked place, None for none.
        on_choose: Runs before the page does.
        key: Of the component.
    """
    data = tiles.grid.to_dict(tiles.count) | {
        "source": publish(tiles.png, "image/png", key),
        "selected": -1 if selected is None else selected,
        "alt": tiles.alt,
    }
    mount(_component, key, data, {"tile": lambda place: on_choose(int(place))})
