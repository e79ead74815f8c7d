"""A grid of pictures to choose from, by mouse, Tab and Enter, or the arrow keys."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from alexcore.dashboard.components import mount, publish, register

Tone = Literal["good", "bad", "plain"]

_PER_PACK = 60
"""Pictures that travel in one file: a request costs more than the bytes of a small picture."""

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
                "picture": hashlib.sha256(card.webp).hexdigest()[:16],
                "title": card.title,
                "note": card.note,
                "alt": card.alt,
                "tone": card.tone,
            }
            for card in cards
        ],
        "packs": [
            _publish_pack(
                [card.webp for card in cards[first : first + _PER_PACK]], f"{key}-{first}"
            )
            for first in range(0, len(cards), _PER_PACK)
        ],
        "perPack": _PER_PACK,
        "selected": -1 if selected is None else selected,
        "width": width,
    }
    readers = {"card": lambda place: on_choose(int(place))} if on_choose else {}
    mount(_component, key, data, readers)


def _publish_pack(files: Sequence[bytes], key: str) -> dict[str, Any]:
    """Publish files one after another as one."""
    source = publish(b"".join(files), "application/octet-stream", key)
    return {"source": source, "sizes": [len(file) for file in files]}
