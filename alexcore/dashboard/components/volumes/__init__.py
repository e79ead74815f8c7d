"""The network as clickable volumes: our SVG, with mouse and keyboard."""

from collections.abc import Callable

from alexcore.dashboard.components import mount, register

_component = register("volumes")


def show_volumes(svg: str, on_choose: Callable[[str], None]) -> None:
    """Draw the volumes; a click, Enter or Space on one calls ``on_choose`` with its label.

    Args:
        svg: From ``draw_volumes``; its text comes from layer names and numbers alone.
        on_choose: Runs before the page does.
    """
    mount(_component, "volumes", {"svg": svg}, {"layer": on_choose})
