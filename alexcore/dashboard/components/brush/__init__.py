"""A picture one covers parts of, by mouse, finger, pen or the arrow keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from alexcore.dashboard.components import mount, publish, register

_component = register("brush")


@dataclass(frozen=True, slots=True)
class Surface:
    """A square picture and what is drawn on it.

    Attributes:
        png: The picture.
        strokes: As ``alexcore.features.picture_changes.read_strokes`` reads them.
        width: Of the brush in thousandths of the side; 0 draws rectangles.
        alt: What the picture shows.
    """

    png: bytes
    strokes: str
    width: int
    alt: str


def show_brush(surface: Surface, on_draw: Callable[[str], None], key: str) -> None:
    """Show a picture to draw on; a new stroke, or one taken back, calls ``on_draw`` with all.

    What the browser drew since is not undone by an answer to an earlier stroke: each drawing has a
    number, and an answer says up to which it goes.

    Args:
        surface: The picture.
        on_draw: Runs before the page does.
        key: Of the component.
    """
    number = f"{key}-number"

    def draw(drawn: Mapping[str, str | int]) -> None:
        st.session_state[number] = drawn["number"]
        on_draw(str(drawn["strokes"]))

    data = {
        "source": publish(surface.png, "image/png", key),
        "strokes": surface.strokes,
        "width": surface.width,
        "number": st.session_state.get(number, 0),
        "alt": surface.alt,
    }
    mount(_component, key, data, {"drawn": draw})
