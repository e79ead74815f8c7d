"""Which input sizes each variant accepts, as one strip a variant, in SVG."""

from collections.abc import Mapping, Sequence
from html import escape

from alexcore.figures.palette import MARKED, get_model_colour

_LEFT, _WIDTH, _ROW, _TOP = 138.0, 640.0, 22.0, 22.0


def draw_size_strip(
    accepted: Mapping[str, Sequence[int]], low: int, high: int, current: int
) -> str:
    """Return an SVG with a bar wherever a variant takes the size.

    Args:
        accepted: {variant: sizes it takes, ascending}.
        low: The smallest size shown, in pixels.
        high: The largest.
        current: The size to mark.
    """
    scale = _WIDTH / (high - low + 1)
    height = _TOP + _ROW * len(accepted) + 6
    parts = []
    for row, (name, sizes) in enumerate(accepted.items()):
        y = _TOP + row * _ROW
        parts.append(
            f'<text x="{_LEFT - 10}" y="{y + 13:.0f}" text-anchor="end" font-size="12" '
            f'fill="#7b8494">{escape(name)}</text>'
            f'<rect x="{_LEFT}" y="{y + 3:.0f}" width="{_WIDTH}" height="12" rx="3" '
            f'fill="#8b93a1" fill-opacity="0.15"/>'
        )
        for first, last in find_runs(sizes):
            x, width = _LEFT + (first - low) * scale, (last - first + 1) * scale
            parts.append(
                f'<rect x="{x:.1f}" y="{y + 3:.0f}" width="{width:.1f}" height="12" rx="1.5" '
                f'fill="{get_model_colour(name)}"><title>{first} to {last}</title></rect>'
            )
    for tick in range((low + 63) // 64 * 64, high + 1, 64):
        x = _LEFT + (tick - low) * scale
        parts.append(
            f'<text x="{x:.0f}" y="12" text-anchor="middle" font-size="11" fill="#7b8494">'
            f"{tick}</text>"
        )
    mark = _LEFT + (current - low + 0.5) * scale
    parts.append(
        f'<line x1="{mark:.1f}" x2="{mark:.1f}" y1="16" y2="{height - 2:.0f}" stroke="{MARKED}" '
        f'stroke-width="2"/>'
    )
    width = _LEFT + _WIDTH + 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="sans-serif">{"".join(parts)}</svg>'
    )


def find_runs(sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Return (first, last) of each unbroken run of an ascending sequence."""
    runs: list[tuple[int, int]] = []
    for size in sizes:
        if runs and size == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], size)
        else:
            runs.append((size, size))
    return runs
