"""Pictures to choose from as cards, as ``cards.js`` reads them: on the pages and in a file."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Tone = Literal["good", "bad", "plain"]

_PER_PACK = 60
"""Pictures that travel in one file: a request costs more than the bytes of a small picture."""


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


def describe_cards(
    cards: Sequence[Card], publish: Callable[[bytes, int], str], selected: int | None, width: int
) -> dict[str, Any]:
    """Return a grid of cards in plain JSON values; its pictures stand in packs of sixty.

    Args:
        cards: In order.
        publish: Given a pack and the place of its first card, returns where it can be fetched.
        selected: The marked place.
        width: At least, of a card, in pixels; narrow screens fit three in a row.
    """
    packs = {first: cards[first : first + _PER_PACK] for first in range(0, len(cards), _PER_PACK)}
    return {
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
            {
                "source": publish(b"".join(card.webp for card in pack), first),
                "sizes": [len(card.webp) for card in pack],
            }
            for first, pack in packs.items()
        ],
        "perPack": _PER_PACK,
        "selected": -1 if selected is None else selected,
        "width": width,
    }
