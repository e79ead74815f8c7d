"""The few SVG shapes the drawn demo set is made of; plain strings, rendered by resvg.

Coordinates are pixels of the picture, y downwards, angles in degrees clockwise.
"""

import colorsys

Point = tuple[float, float]

SIZE = 256
"""Side of the drawing in user units; a picture of any resolution is a scaling of it."""


def hsl(hue: float, saturation: float, lightness: float) -> str:
    """Return ``#rrggbb`` for a hue in degrees and a saturation and lightness in [0, 1]."""
    clamp = (min(max(v, 0.0), 1.0) for v in (lightness, saturation))
    red, green, blue = colorsys.hls_to_rgb(hue % 360 / 360, *clamp)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def shape(tag: str, **attributes: float | str | None) -> str:
    """Return one element; underscores in names become dashes and None is left out."""
    parts = []
    for name, value in attributes.items():
        if value is not None:
            text = f"{value:.2f}" if isinstance(value, float) else str(value)
            parts.append(f'{name.replace("_", "-")}="{text}"')
    return f"<{tag} {' '.join(parts)}/>"


def ellipse(centre: Point, rx: float, ry: float, **style: float | str | None) -> str:
    """Return an axis-parallel ellipse."""
    return shape("ellipse", cx=float(centre[0]), cy=float(centre[1]), rx=rx, ry=ry, **style)


def path(commands: str, **style: float | str | None) -> str:
    """Return a path; ``commands`` is SVG path data."""
    return shape("path", d=commands, **style)


def polygon(points: list[Point], **style: float | str | None) -> str:
    """Return a closed straight-edged shape."""
    return shape("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), **style)


def group(content: str, transform: str = "", **style: float | str | None) -> str:
    """Wrap ``content`` in a group with a transform and inherited style."""
    attributes = "".join(
        f' {name.replace("_", "-")}="{value}"' for name, value in style.items() if value is not None
    )
    return f'<g transform="{transform}"{attributes}>{content}</g>'


def part(name: str, content: str) -> str:
    """Name what is drawn here, for ``draw_parts``; the picture stays the same."""
    return f'<g class="{name}">{content}</g>'


def rotate(content: str, degrees: float, around: Point = (0, 0)) -> str:
    """Turn ``content`` about a point."""
    return group(content, f"rotate({degrees:.1f} {around[0]:.1f} {around[1]:.1f})")


def _stops(stops: list[tuple[float, str]]) -> str:
    return "".join(f'<stop offset="{at}" stop-color="{colour}"/>' for at, colour in stops)


def radial_gradient(name: str, stops: list[tuple[float, str]], centre: Point) -> str:
    """Return a radial gradient, its centre as a fraction of the filled shape's box."""
    return (
        f'<radialGradient id="{name}" cx="{centre[0]:.2f}" cy="{centre[1]:.2f}" r="0.85">'
        f"{_stops(stops)}</radialGradient>"
    )


def linear_gradient(
    name: str, stops: list[tuple[float, str]], end: Point = (0, 1), start: Point = (0, 0)
) -> str:
    """Return a gradient between two points of the filled shape's box, downwards by default."""
    return (
        f'<linearGradient id="{name}" x1="{start[0]:.2f}" y1="{start[1]:.2f}" '
        f'x2="{end[0]:.2f}" y2="{end[1]:.2f}">{_stops(stops)}</linearGradient>'
    )
