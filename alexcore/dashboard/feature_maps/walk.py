"""The chosen cell and the way one came to it, both in the link: from a class back to pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls

if TYPE_CHECKING:
    from alexcore.features.windows import Place
    from alexcore.inference.model import Inference, LoadedModel


def get_cell(label: str, strongest: int, shape: tuple[int, int]) -> tuple[int, int]:
    """Return the cell chosen in a layer, or the strongest where none of it was."""
    height, width = shape
    name, *cell = st.query_params.get(urls.FEATURE_CELL, "").split("-")
    if name == label and len(cell) == 2 and all(n.isdecimal() for n in cell):
        row, column = map(int, cell)
        return min(row, height - 1), min(column, width - 1)
    return divmod(strongest, width)


def choose_cell(label: str, row: int, column: int) -> None:
    """Make a cell of a layer the chosen one."""
    st.query_params[urls.FEATURE_CELL] = f"{label}-{row}-{column}"


def step(model: LoadedModel, here: Place, to: Place) -> None:
    """Go from one number to one it was made of, and note the way with its end."""
    before = [place for place in st.query_params.get(urls.WALK, "").split("~") if place]
    before = before or [_write(model, here)]
    st.query_params[urls.WALK] = "~".join((*before, _write(model, to)))
    _go_to(model, to)


def show_walk(inference: Inference, here: Place) -> None:
    """The numbers one came from, and the way back; a walk that led elsewhere is over."""
    from alexcore.features.formula import name_place

    model, walk = inference.model, _read_walk(inference)
    if not walk or walk.pop() != here:
        st.query_params.pop(urls.WALK, None)
        return
    st.caption(" › ".join(name_place(inference, place) for place in (*walk, here)))
    with st.container(horizontal=True):
        st.button("Back", on_click=_go_back, args=(model, walk, 1), icon=":material/undo:")
        if len(walk) > 1:
            first = name_place(inference, walk[0])
            st.button(first, on_click=_go_back, args=(model, walk, len(walk)),
                      icon=":material/first_page:")  # fmt: skip


def _go_back(model: LoadedModel, walk: list[Place], steps: int) -> None:
    kept = walk[: len(walk) - steps + 1]
    if len(kept) > 1:
        st.query_params[urls.WALK] = "~".join(_write(model, place) for place in kept)
    else:
        st.query_params.pop(urls.WALK, None)
    _go_to(model, kept[-1])


def _go_to(model: LoadedModel, place: Place) -> None:
    label = model.names[place.node]
    st.session_state[urls.LAYER], st.session_state[urls.CHANNEL] = label, place.channel
    choose_cell(label, place.row, place.column)


def _write(model: LoadedModel, place: Place) -> str:
    return f"{model.names[place.node]}-{place.channel}-{place.row}-{place.column}"


def _read_walk(inference: Inference) -> list[Place]:
    """Return the walk in the link, without what another model may not have."""
    from alexcore.errors import ModelError
    from alexcore.features.windows import Place, read_value

    walk = []
    for step in filter(None, st.query_params.get(urls.WALK, "").split("~")):
        label, *numbers = step.split("-")
        try:
            place = Place(inference.model.find_node(label), *map(int, numbers))
            read_value(inference, place)
        except (ModelError, TypeError, ValueError):
            continue
        walk.append(place)
    return walk
