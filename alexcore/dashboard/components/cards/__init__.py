"""A grid of pictures to choose from, by mouse, Tab and Enter, or the arrow keys."""

from collections.abc import Callable, Sequence

from alexcore.dashboard.components import mount, publish, register
from alexcore.figures.cards import Card, describe_cards

_component = register("cards")


def show_cards(
    cards: Sequence[Card],
    key: str,
    on_choose: Callable[[int], None] | None = None,
    selected: int | None = None,
    width: int = 130,
) -> None:
    """Show the grid; choosing a card calls ``on_choose`` with its place.

    Args:
        cards: In order.
        key: Of the component.
        on_choose: Runs before the page does; None where choosing does nothing.
        selected: The marked place.
        width: At least, of a card, in pixels; narrow screens fit three in a row.
    """
    data = describe_cards(
        cards,
        lambda pack, first: publish(pack, "application/octet-stream", f"{key}-{first}"),
        selected,
        width,
    )
    readers = {"card": lambda place: on_choose(int(place))} if on_choose else {}
    mount(_component, key, data, readers)
