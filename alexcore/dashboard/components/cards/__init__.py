"""A grid of pictures to choose from, by mouse, Tab and Enter, or the arrow keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from alexcore.dashboard.components import mount, publish, register

Tone = Literal["good", "bad", "plain"]

_component = register("cards")


@dataclass(frozen=True, slots=True)
class Card:
    """One picture of the grid.

    Attributes:
        webp: A WebP file.
        title: The line below it.
        note: The quieter line below that.
        alt: What it shows.
        tone: A tick, a cross or nothing before the title.
    """

    webp: bytes
    title: str
    note: str
    alt: str
    tone: Tone = "plain"


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
    data = {
        "cards": [
            {
                "source": publish(card.webp, "image/webp", f"{key}-{place}"),
                "title": card.title,
                "note": card.note,
                "alt": card.alt,
                "tone": card.tone,
            }
            for place, card in enumerate(cards)
        ],
        "selected": -1 if selected is None else selected,
        "width": width,
    }
    readers = {"card": lambda place: on_choose(int(place))} if on_choose else {}
    mount(_component, key, data, readers)
