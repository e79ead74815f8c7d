"""Ten thousand pictures as points: hover shows one, a drawn line gathers some; a component."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

_CSS = """
.map { position: relative; }
canvas { width: 100%; display: block; border: 1px solid var(--st-border-color);
         border-radius: 0.6rem; cursor: crosshair; touch-action: none; }
.tip { position: absolute; pointer-events: none; display: none; padding: 6px; z-index: 5;
       background: var(--st-background-color); color: var(--st-text-color);
       border: 1px solid var(--st-border-color); border-radius: 0.4rem;
       font: 0.78rem var(--st-font); box-shadow: 0 2px 10px rgba(0,0,0,.25); }
.tip div { width: 96px; height: 96px; margin: 0 auto 4px; background-repeat: no-repeat;
           image-rendering: auto; }
.legend { font: 0.82rem var(--st-font); color: var(--st-text-color); display: flex;
          flex-wrap: wrap; gap: 0.2rem 1rem; margin-top: 0.4rem; }
.legend i { display: inline-block; width: 0.75rem; height: 0.75rem; border-radius: 50%;
            margin-right: 0.35rem; }
"""

_JS = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  let map = parentElement.querySelector(".map");
  if (!map) {
    map = document.createElement("div");
    map.className = "map";
    map.innerHTML = "<canvas tabindex=0 role=img></canvas>" +
      "<div class=tip><div></div><span></span></div><div class=legend></div>";
    parentElement.appendChild(map);
  }
  const [canvas, tip, legend] = map.children;
  canvas.setAttribute("aria-label", data.alt);
  const decode = (text, kind) =>
    new kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const points = decode(data.points, Float32Array), kinds = decode(data.kinds, Uint16Array);
  const count = kinds.length, width = map.clientWidth || 800;
  const height = Math.max(320, Math.min(560, width * 0.62)), ratio = devicePixelRatio || 1;
  canvas.width = width * ratio; canvas.height = height * ratio;
  canvas.style.height = height + "px";
  legend.replaceChildren(...data.classes.map((name, at) => {
    const entry = document.createElement("span"), dot = document.createElement("i");
    dot.style.background = data.colours[at];
    entry.append(dot, name);
    return entry;
  }));
  const pen = canvas.getContext("2d");
  let view = { scale: 1, x: 0, y: 0 }, line = [], chosen = new Set(data.chosen), frame = 0;
  const pad = 18;
  const toX = (x) => (pad + x * (width - 2 * pad)) * view.scale + view.x;
  const toY = (y) => (pad + (1 - y) * (height - 2 * pad)) * view.scale + view.y;
  const style = getComputedStyle(map);
  const draw = () => {
    frame = 0;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const size = (count > 3000 ? 2 : 3.4) * Math.min(view.scale, 2.2);
    for (let kind = 0; kind < data.colours.length; kind++) {
      pen.fillStyle = data.colours[kind];
      for (let i = 0; i < count; i++) {
        if (kinds[i] !== kind) continue;
        pen.globalAlpha = chosen.size && !chosen.has(i) ? 0.18 : 0.8;
        pen.beginPath();
        pen.arc(toX(points[2 * i]), toY(points[2 * i + 1]), size, 0, 7);
        pen.fill();
      }
    }
    pen.globalAlpha = 1;
    const ink = style.getPropertyValue("--st-text-color") || "#222";
    if (data.query) {
      const [x, y] = [toX(data.query[0]), toY(data.query[1])];
      pen.strokeStyle = ink; pen.lineWidth = 2.5;
      pen.beginPath(); pen.arc(x, y, 8, 0, 7); pen.moveTo(x - 13, y); pen.lineTo(x + 13, y);
      pen.moveTo(x, y - 13); pen.lineTo(x, y + 13); pen.stroke();
    }
    if (line.length > 1) {
      pen.strokeStyle = ink; pen.lineWidth = 1.5; pen.setLineDash([5, 4]);
      pen.beginPath();
      line.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      pen.closePath(); pen.stroke(); pen.setLineDash([]);
    }
  };
  const later = () => { if (!frame) frame = requestAnimationFrame(draw); };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const nearest = (x, y) => {
    let best = -1, limit = 12 * 12;
    for (let i = 0; i < count; i++) {
      const dx = toX(points[2 * i]) - x, dy = toY(points[2 * i + 1]) - y, d = dx * dx + dy * dy;
      if (d < limit) { limit = d; best = i; }
    }
    return best;
  };
  const inside = (x, y) => {
    let within = false;
    for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
      const [ax, ay] = line[i], [bx, by] = line[j];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
    return within;
  };
  const show = (i, x, y) => {
    tip.style.display = i < 0 ? "none" : "block";
    if (i < 0) return;
    const side = 96, column = i % data.columns, row = Math.floor(i / data.columns);
    tip.firstChild.style.backgroundImage = `url(${data.atlas})`;
    tip.firstChild.style.backgroundSize = data.columns * side + "px auto";
    tip.firstChild.style.backgroundPosition = `-${column * side}px -${row * side}px`;
    tip.lastChild.textContent = data.names[i];
    tip.style.left = Math.min(x + 14, width - 130) + "px";
    tip.style.top = Math.max(0, y - 60) + "px";
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    line = [at(event)];
  };
  canvas.onpointermove = (event) => {
    const [x, y] = at(event);
    if (!line.length) { show(nearest(x, y), x, y); return; }
    if (event.shiftKey) {
      view.x += x - line[0][0]; view.y += y - line[0][1];
      line = [[x, y]];
    } else line.push([x, y]);
    show(-1);
    later();
  };
  canvas.onpointerup = () => {
    const found = [];
    if (line.length > 4)
      for (let i = 0; i < count; i++)
        if (inside(toX(points[2 * i]), toY(points[2 * i + 1]))) found.push(i);
    const had = chosen.size, long = line.length > 4;
    line = [];
    if (long || had) {
      chosen = new Set(found);
      setTriggerValue("lasso", found);
    }
    later();
  };
  canvas.onpointerleave = () => show(-1);
  canvas.onwheel = (event) => {
    event.preventDefault();
    const [x, y] = at(event), factor = event.deltaY < 0 ? 1.2 : 1 / 1.2;
    const scale = Math.min(40, Math.max(1, view.scale * factor)), by = scale / view.scale;
    view = scale === 1 ? { scale: 1, x: 0, y: 0 }
      : { scale, x: x - (x - view.x) * by, y: y - (y - view.y) * by };
    later();
  };
  canvas.onkeydown = (event) => {
    if (event.key === "Escape" && chosen.size) {
      chosen = new Set(); setTriggerValue("lasso", []); later();
    }
  };
  draw();
}
"""

_component = st.components.v2.component("alexcore_scatter", css=_CSS, js=_JS)


@dataclass(frozen=True, slots=True)
class Cloud:
    """What does not change while one looks: the points and their pictures.

    Attributes:
        points: float32 (N, 2).
        kinds: Class index of each, uint16 (N,).
        classes: Labels.
        colours: One a class.
        names: Of each picture.
        atlas: JPEG file of square tiles, row by row.
        columns: Tiles a row.
    """

    points: npt.NDArray[np.float32]
    kinds: npt.NDArray[np.uint16]
    classes: Sequence[str]
    colours: Sequence[str]
    names: Sequence[str]
    atlas: bytes
    columns: int


def _encode(values: npt.NDArray[np.float32] | npt.NDArray[np.uint16] | bytes) -> str:
    raw = values if isinstance(values, bytes) else np.ascontiguousarray(values).tobytes()
    return base64.b64encode(raw).decode()


def show_scatter(
    cloud: Cloud,
    query: npt.NDArray[np.float32] | None,
    chosen: Sequence[int],
    alt: str,
    on_lasso: Callable[[list[int]], None],
    key: str,
) -> None:
    """Show the map; dragging draws a line around points, Shift and dragging moves, the wheel zooms.

    Args:
        cloud: The points.
        query: Where the query lies, (2,).
        chosen: Points to keep bright.
        alt: What it shows.
        on_lasso: Called with the points inside the line before the page runs; none after Escape.
        key: Of the component.
    """
    low, high = cloud.points.min(0), cloud.points.max(0)
    span = np.maximum(high - low, 1e-9)

    def gathered() -> None:
        found = st.session_state[key]["lasso"]
        if found is not None:
            on_lasso([int(place) for place in found])

    _component(
        key=key,
        data={
            "points": _encode(((cloud.points - low) / span).astype(np.float32)),
            "kinds": _encode(cloud.kinds.astype(np.uint16)),
            "classes": list(cloud.classes),
            "colours": list(cloud.colours),
            "names": list(cloud.names),
            "atlas": "data:image/jpeg;base64," + _encode(cloud.atlas),
            "columns": cloud.columns,
            "query": None if query is None else ((query - low) / span).tolist(),
            "chosen": list(chosen),
            "alt": alt,
        },
        on_lasso_change=gathered,
    )
