"""An HTML document one can send: the pages' own components, without a server behind them.

parts by ``embed`` -> ``write_document`` -> one file. Charts zoom, tiles and cards can be chosen,
tables sort; nothing is asked of the network.
"""

import base64
import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import plotly
import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from alexcore.figures.sprites import Grid
from alexcore.settings import COMPONENTS

Kind = Literal["chart", "tiles", "cards", "volumes"]
_KINDS: tuple[Kind, ...] = ("chart", "tiles", "cards", "volumes")
COLOURS = """
:root, :host { --st-font: system-ui, sans-serif; --st-text-color: #22252b;
  --st-border-color: #dcded6; --st-background-color: #fcfcfa;
  --st-secondary-background-color: #f1f2ee; --st-primary-color: #3d5a98; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root, :host { --st-text-color: #e6e7ea;
  --st-border-color: #343945; --st-background-color: #15171c;
  --st-secondary-background-color: #1e2128; --st-primary-color: #8fb0f0; } }
"""
"""What the components' style reads, as Streamlit gives it to them on the pages."""

_STYLE = """
body { font: 16px/1.55 var(--st-font); max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--st-text-color); background: var(--st-background-color); }
h1 { margin-bottom: 0; } h2 { margin-top: 2.4rem; } a { color: var(--st-primary-color); }
table { border-collapse: collapse; font-size: .85rem; display: block; overflow-x: auto; }
td, th { padding: .25rem .6rem; border-bottom: 1px solid var(--st-border-color);
  text-align: right; white-space: nowrap; }
td:first-child, th:first-child { text-align: left; }
.sorts th { cursor: pointer; } [aria-sort=ascending]::after { content: " ↑"; }
[aria-sort=descending]::after { content: " ↓"; } .marked { background: #8883; }
img, svg { max-width: 100%; } figure { margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: .8rem; align-items: start; }
.row > .part { flex: 1 1 20rem; min-width: 0; }
figcaption, .quiet { font-size: .85rem; opacity: .75; }
.tile canvas { width: 16rem; max-width: 100%; image-rendering: pixelated; border-radius: .3rem; }
dialog { border: 0; border-radius: .6rem; color: inherit; background: var(--st-background-color); }
dialog img { width: min(70vw, 30rem); display: block; } dialog::backdrop { background: #000a; }
"""


def embed(kind: Kind, data: Mapping[str, Any]) -> str:
    """Return a component with its data, as its JavaScript reads them."""
    text = json.dumps(data, cls=PlotlyJSONEncoder).replace("<", "\\u003c")
    return f'<div class=part data-kind={kind}><script type="application/json">{text}</script></div>'


def embed_chart(figure: go.Figure, name: str, alt: str) -> str:
    """Return a figure that zooms and tells its values."""
    data = {"figure": figure.to_dict(), "library": "", "alt": alt, "name": name, "clicks": False}
    return embed("chart", data)


def embed_tiles(png: bytes, grid: Grid, words: list[str], alt: str) -> str:
    """Return a sprite whose tiles are shown large beside it, each with its words."""
    data = grid.to_dict(len(words)) | {"source": to_address(png), "selected": -1, "alt": alt,
                                       "words": words}  # fmt: skip
    return (
        f"<div class=row>{embed('tiles', data)}"
        "<figure class=tile hidden><canvas></canvas><figcaption></figcaption></figure></div>"
    )


def to_address(data: bytes, kind: str = "image/png") -> str:
    """Return a data address that holds a file."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def write_document(title: str, body: str, library: str | None = None) -> str:
    """Return a whole file.

    Args:
        title: Of the window.
        body: HTML with embedded components.
        library: Address of Plotly beside the file; it is put into the file when None.
    """
    address, text = (f' src="{library}"', "") if library else ("", read_library())
    modules = {kind: dict(zip(("module", "style"), read_component(kind), strict=True))
               for kind in _KINDS}  # fmt: skip
    components = json.dumps(modules).replace("<", "\\u003c")
    script = (files(__package__) / "document.js").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{COLOURS}{_STYLE}</style></head><body>{body}"
        '<dialog onclick="this.close()"><img alt=""><p></p></dialog>'
        f'<script type="application/json" id="components">{components}</script>'
        f'<script{address}>{text}</script><script type="module">{script}</script></body></html>'
    )


def read_library() -> str:
    """Return Plotly's own JavaScript, as its package brings it; nothing in it ends a script."""
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8")


def read_component(kind: Kind) -> tuple[str, str]:
    """Return a component's JavaScript module and its style."""
    folder = COMPONENTS / kind
    return (folder / f"{kind}.js").read_text("utf-8"), (folder / f"{kind}.css").read_text("utf-8")
