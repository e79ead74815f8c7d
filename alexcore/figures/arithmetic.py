"""How a cell's number comes about, drawn: windows times kernels, and what each channel gives."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image
from plotly.colors import get_colorscale

from alexcore.figures.figure import Layout, Trace, create_figure, name_axis, write_title
from alexcore.figures.palette import LOWERS, MARKED, QUIET, RAISES
from alexcore.figures.sprites import SIGNED

_PANEL, _NARROW = 250, 150
_COLOURS = get_colorscale(SIGNED)
_BEYOND = 128
"""The grey of pixels beyond the edge, which a net reads as zeros: as the mean colour."""


def plot_terms(
    names: Sequence[str], values: Sequence[float], rest: Mapping[str, float], what: str
) -> go.Figure:
    """Draw what each input gives to a sum: red raises it, blue lowers it, grey is not its own.

    Args:
        names: Of the inputs.
        values: What each gives.
        rest: What else belongs to the sum, {name: value}.
        what: The inputs are.
    """
    colours = [RAISES if value > 0 else LOWERS for value in values] + [QUIET] * len(rest)
    bars: Trace = {
        "type": "bar",
        "x": [*names, *rest],
        "y": [*values, *rest.values()],
        "marker": {"color": colours},
        "hovertemplate": "%{x}: %{y:+.4g}<extra></extra>",
    }
    layout: Layout = {
        "xaxis": {"type": "category", "tickangle": -90, "title": {"text": what}},
        "yaxis": {"title": {"text": "part of the sum"}, "zeroline": True,
                  "zerolinecolor": QUIET},
    }  # fmt: skip
    return create_figure([bars], layout, 320)


def plot_window(
    panels: Mapping[str, npt.NDArray[np.floating]],
    names: Sequence[str],
    places: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    marked: tuple[int, int] | None = None,
) -> go.Figure:
    """Draw the numbers of a window side by side, red above 0 and blue below, one row a channel.

    Args:
        panels: {title: (R, H, W)}: input, weight, product; each over a range of its own.
        names: Of the R channels.
        places: The rows (H,) and the columns (W,) in the layer that was read.
        marked: A cell to frame, in the window.
    """
    traces: list[Trace] = []
    layout: Layout = {"annotations": [], "shapes": [], "margin": {"l": 8, "r": 8, "t": 30, "b": 8}}
    rows, columns = ([str(n) for n in axis.tolist()] for axis in places)
    height = len(names)
    for place, (title, values) in enumerate(panels.items()):
        reach = float(np.nanmax(np.abs(values))) or 1.0
        for row, name in enumerate(names):
            number = len(traces) + 1
            x, y, xaxis, yaxis = (name_axis(kind, number) for kind in ("x", "y", "xaxis", "yaxis"))
            traces.append({
                "type": "heatmap", "x": columns, "y": rows, "z": values[row], "xaxis": x,
                "yaxis": y, "colorscale": _COLOURS, "zmin": -reach, "zmax": reach, "xgap": 1,
                "ygap": 1, "showscale": False, "texttemplate": "%{z:.2g}",
                "hovertemplate": f"{name}, row %{{y}}, column %{{x}}: %{{z:.4g}}"
                                 f"<extra>{title}</extra>",
            })  # fmt: skip
            quiet = {"type": "category", "showgrid": False, "visible": False, "fixedrange": True}
            layout[xaxis] = quiet | {"domain": _part(place, len(panels)), "anchor": y,
                                     "constrain": "domain"}  # fmt: skip
            low, high = _part(row, height)
            layout[yaxis] = quiet | {"domain": [1 - high, 1 - low], "anchor": x,
                                     "autorange": "reversed", "scaleanchor": x,
                                     "constrain": "domain"}  # fmt: skip
            told = [title] * (row == 0) + [name] * (place == 0)
            if told:
                layout["annotations"].append(write_title(", ".join(told), x, y))
            if marked is not None:
                i, j = marked
                layout["shapes"].append({
                    "type": "rect", "xref": x, "yref": y, "x0": j - 0.5, "x1": j + 0.5,
                    "y0": i - 0.5, "y1": i + 0.5, "line": {"color": MARKED, "width": 4},
                })  # fmt: skip
    layout["meta"] = {"narrow": {"height": 40 + _NARROW * height}}
    return create_figure(traces, layout, 40 + _PANEL * height)


def draw_pixels(
    pixels: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.int64],
    columns: npt.NDArray[np.int64],
    zoom: int = 14,
) -> Image.Image:
    """Cut a window from a picture, grey beyond its edge.

    Args:
        pixels: (S, S, 3) uint8.
        rows: (H,) also those beyond the edge.
        columns: (W,) likewise.
        zoom: Pixels a pixel.
    """
    reach = max(0, -rows[0], -columns[0], rows[-1] - len(pixels) + 1, columns[-1] - len(pixels) + 1)
    padded = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), constant_values=_BEYOND)
    window = padded[np.ix_(rows + reach, columns + reach)]
    return Image.fromarray(window.repeat(zoom, axis=0).repeat(zoom, axis=1))


def _part(place: int, count: int) -> list[float]:
    """Return the share of a side that one of ``count`` panels has, with a gap behind it."""
    return [place / count, (place + 0.94) / count]
