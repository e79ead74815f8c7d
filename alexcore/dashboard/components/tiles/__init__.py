"""A picture made of tiles one can choose from, by mouse and by the arrow keys, as a component."""

import base64
from collections.abc import Callable

import streamlit as st

from alexcore.figures.sprites import Grid

_CSS = """
.board { position: relative; outline: none; cursor: crosshair; line-height: 0; }
.board:focus-visible { box-shadow: 0 0 0 3px var(--st-primary-color); border-radius: 4px; }
img { width: 100%; height: auto; image-rendering: pixelated; display: block; }
.mark { position: absolute; box-sizing: border-box; border: 2.5px solid var(--st-primary-color);
        box-shadow: 0 0 0 1.5px var(--st-background-color); pointer-events: none;
        border-radius: 2px; }
"""

_JS = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let board = parentElement.querySelector(".board");
  if (!board) {
    board = document.createElement("div");
    board.className = "board";
    board.tabIndex = 0;
    board.setAttribute("role", "application");
    board.append(document.createElement("img"), document.createElement("div"));
    board.lastChild.className = "mark";
    parentElement.appendChild(board);
  }
  const [image, mark] = board.children;
  if (image.src !== data.source) image.src = data.source;
  image.alt = data.alt;
  board.setAttribute("aria-label", data.alt + " Arrow keys choose.");
  const { columns, count, step, cell, width, height } = data;
  const place = (at) => {
    mark.style.display = at < 0 ? "none" : "block";
    mark.style.left = (at % columns) * step / width * 100 + "%";
    mark.style.top = Math.floor(at / columns) * step / height * 100 + "%";
    mark.style.width = cell / width * 100 + "%";
    mark.style.height = cell / height * 100 + "%";
  };
  let chosen = data.selected;
  place(chosen);
  const choose = (at) => {
    if (at < 0 || at >= count || at === chosen) return;
    chosen = at;
    place(at);
    setTriggerValue("tile", at);
  };
  board.onclick = (event) => {
    const box = image.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / box.width * width / step);
    const row = Math.floor((event.clientY - box.top) / box.height * height / step);
    board.focus();
    if (column >= 0 && column < columns) choose(row * columns + column);
  };
  board.onkeydown = (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    if (event.key in moves) { event.preventDefault(); choose(chosen + moves[event.key]); }
  };
}
"""

_component = st.components.v2.component("alexcore_tiles", css=_CSS, js=_JS)


def show_tiles(
    png: bytes,
    grid: Grid,
    count: int,
    selected: int | None,
    alt: str,
    on_choose: Callable[[int], None],
    key: str,
) -> None:
    """Show a sprite; a click or an arrow key on it calls ``on_choose`` with a place in it.

    Args:
        png: The picture, of ``grid.size``.
        grid: Where its tiles are.
        count: How many tiles there are.
        selected: The marked place, None for none.
        alt: What it shows.
        on_choose: Runs before the page does.
        key: Of the component.
    """

    def chosen() -> None:
        place = st.session_state[key]["tile"]
        if place is not None:
            on_choose(int(place))

    width, height = grid.size
    _component(
        key=key,
        data={
            "source": "data:image/png;base64," + base64.b64encode(png).decode(),
            "columns": grid.columns,
            "count": count,
            "step": grid.cell + grid.gap,
            "cell": grid.cell,
            "width": width,
            "height": height,
            "selected": -1 if selected is None else selected,
            "alt": alt,
        },
        on_tile_change=chosen,
    )
