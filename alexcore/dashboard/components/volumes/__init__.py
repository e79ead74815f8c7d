"""The network as clickable volumes: our SVG, with mouse and keyboard, as a component."""

from collections.abc import Callable

import streamlit as st

_CSS = """
.scroller { overflow-x: auto; }
svg { min-width: 760px; width: 100%; height: auto; display: block; }
g[data-layer] { cursor: pointer; outline: none; }
g[data-layer]:hover path { fill-opacity: 1; }
g[data-layer]:focus-visible path { stroke: var(--st-primary-color); stroke-width: 3; }
text { fill: var(--st-text-color); opacity: 0.75; }
"""

_JS = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let scroller = parentElement.querySelector(".scroller");
  if (!scroller) {
    scroller = document.createElement("div");
    scroller.className = "scroller";
    parentElement.appendChild(scroller);
  }
  if (scroller.dataset.drawn !== data.svg) {
    const focused = parentElement.activeElement?.dataset?.layer;
    scroller.innerHTML = data.svg;
    scroller.dataset.drawn = data.svg;
    scroller.querySelectorAll("g[data-layer]").forEach((layer) => {
      layer.setAttribute("tabindex", "0");
      layer.setAttribute("role", "button");
      layer.setAttribute("aria-label", layer.querySelector("title").textContent);
      const choose = () => setTriggerValue("layer", layer.dataset.layer);
      layer.onclick = choose;
      layer.onkeydown = (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); }
      };
      if (layer.dataset.layer === focused) layer.focus();
    });
  }
}
"""

_component = st.components.v2.component("alexcore_volumes", css=_CSS, js=_JS)


def show_volumes(svg: str, on_choose: Callable[[str], None]) -> None:
    """Draw the volumes; a click, Enter or Space on one calls ``on_choose`` with its label.

    Args:
        svg: From ``draw_volumes``; its text comes from layer names and numbers alone.
        on_choose: Runs before the page does.
    """

    def chosen() -> None:
        label = st.session_state["volumes"]["layer"]
        if label:
            on_choose(label)

    _component(key="volumes", data={"svg": svg}, on_layer_change=chosen)
