"""Components of our own: one folder each, with its Python, its JavaScript and its style.

``register`` reads the files of a folder once; ``mount`` shows the component and hands on what it
is told. What does not change from one run to the next travels once, by ``publish``.
"""

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.components.v2.types import ComponentRenderer

Reader = Callable[[Any], None]


def register(name: str, isolate_styles: bool = True) -> ComponentRenderer:
    """Return the component of the folder ``name``: its ``name.js`` and ``name.css``."""
    folder = files(__name__) / name
    return st.components.v2.component(
        f"alexcore_{name}",
        js=(folder / f"{name}.js").read_text(encoding="utf-8"),
        css=(folder / f"{name}.css").read_text(encoding="utf-8"),
        isolate_styles=isolate_styles,
    )


def mount(
    component: ComponentRenderer,
    key: str,
    data: Mapping[str, Any],
    readers: Mapping[str, Reader] | None = None,
) -> None:
    """Show a component under a key that keeps its place on the page.

    Args:
        component: From ``register``.
        key: Of the component.
        data: What its JavaScript reads, of plain JSON values.
        readers: {trigger: what takes its value}; each runs before the page does.
    """

    def create_callback(trigger: str, read: Reader) -> Callable[[], None]:
        def told() -> None:
            value = st.session_state[key][trigger]
            if value is not None:
                read(value)

        return told

    callbacks: dict[str, Any] = {
        f"on_{trigger}_change": create_callback(trigger, read)
        for trigger, read in (readers or {}).items()
    }
    component(key=key, data=dict(data), **callbacks)


def publish(data: bytes, mimetype: str, key: str) -> str:
    """Return an address from which browsers fetch bytes once; equal bytes have equal addresses.

    It is relative to the page's, as all pages stand beside ``media``, also below a base path.

    Args:
        data: A file.
        mimetype: Of it.
        key: Of the component that shows it; the file is let go when the session shows it no more.
    """
    address = runtime.get_instance().media_file_mgr.add(data, mimetype, f"alexcore-{key}")
    return address.removeprefix("/")
