"""A grid of pictures to choose from, by mouse, Tab and Enter, or the arrow keys, as a component."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

Tone = Literal["good", "bad", "plain"]

_CSS = """
.cards { display: grid; gap: 0.6rem; }
button { all: unset; box-sizing: border-box; cursor: pointer; border-radius: 0.6rem;
         border: 1px solid var(--st-border-color); padding: 0.35rem; display: flex;
         flex-direction: column; gap: 0.25rem; font-family: var(--st-font);
         color: var(--st-text-color); background: var(--st-background-color); min-width: 0; }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); }
button[aria-pressed=true] { border: 2px solid var(--st-primary-color); }
img { width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 0.35rem; display: block;
      background: var(--st-secondary-background-color); }
.title { font-size: 0.82rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.note { font-size: 0.78rem; opacity: 0.75; }
.good::before { content: "✓ "; color: #009e73; font-weight: 700; }
.bad::before { content: "✗ "; color: #d1495b; font-weight: 700; }
"""

_JS = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let board = parentElement.querySelector(".cards");
  if (!board) {
    board = document.createElement("div");
    board.className = "cards";
    parentElement.appendChild(board);
  }
  board.style.gridTemplateColumns =
    `repeat(auto-fill, minmax(min(${data.width}px, 28%), 1fr))`;
  const same = JSON.stringify(data.cards.map((c) => c.key));
  if (board.dataset.shown !== same) {
    board.dataset.shown = same;
    board.replaceChildren(...data.cards.map((card, at) => {
      const button = document.createElement("button");
      button.type = "button";
      const image = document.createElement("img");
      image.src = card.source;
      image.alt = card.alt;
      const title = document.createElement("span");
      title.className = "title " + card.tone;
      title.textContent = card.title;
      const note = document.createElement("span");
      note.className = "note";
      note.textContent = card.note;
      button.append(image, title, note);
      button.onclick = () => setTriggerValue("card", at);
      return button;
    }));
    board.onkeydown = (event) => {
      const moves = { ArrowLeft: -1, ArrowRight: 1 };
      const list = [...board.children];
      const at = list.indexOf(parentElement.activeElement ?? document.activeElement);
      if (event.key in moves && list[at + moves[event.key]]) {
        event.preventDefault();
        list[at + moves[event.key]].focus();
      }
    };
  }
  [...board.children].forEach((button, at) =>
    button.setAttribute("aria-pressed", String(at === data.selected)));
}
"""

_component = st.components.v2.component("alexcore_cards", css=_CSS, js=_JS)


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

    def chosen() -> None:
        place = st.session_state[key]["card"]
        if place is not None and on_choose is not None:
            on_choose(int(place))

    _component(
        key=key,
        data={
            "cards": [
                {
                    "source": "data:image/webp;base64," + base64.b64encode(card.webp).decode(),
                    "title": card.title,
                    "note": card.note,
                    "alt": card.alt,
                    "tone": card.tone,
                    "key": f"{card.alt}/{card.note}/{card.tone}",
                }
                for card in cards
            ],
            "selected": -1 if selected is None else selected,
            "width": width,
        },
        on_card_change=chosen,
    )
