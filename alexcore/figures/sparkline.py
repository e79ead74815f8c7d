"""A learning curve as a small SVG that needs no script, for pages sent by mail."""

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 560, 220, 44, 26


def draw_curves(series: Mapping[str, tuple[Sequence[float], str]], x_title: str) -> str:
    """Return an SVG of shares in [0, 1] over equal steps.

    Args:
        series: {name: (values, colour)}.
        x_title: What a step is.
    """
    count = max(len(values) for values, _ in series.values())
    wide, high = _WIDTH - _LEFT - 10, _HEIGHT - _BOTTOM - 10
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = 10 + (1 - share) * high
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" '
                     f'stroke="#8885" /><text x="{_LEFT - 6}" y="{y + 4:.1f}" '
                     f'text-anchor="end">{share:.0%}</text>')  # fmt: skip
    for at, (name, (values, colour)) in enumerate(series.items()):
        points = " ".join(
            f"{_LEFT + i / max(count - 1, 1) * wide:.1f},{10 + (1 - value) * high:.1f}"
            for i, value in enumerate(values)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" '
                     f'stroke-width="2" /><text x="{_LEFT + 8}" y="{26 + 16 * at}" '
                     f'fill="{colour}">{escape(name)}</text>')  # fmt: skip
    parts.append(f'<text x="{_LEFT + wide / 2}" y="{_HEIGHT - 6}" text-anchor="middle">'
                 f"{escape(x_title)}, 1 to {count}</text>")  # fmt: skip
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(x_title)}" '
        f'font-size="12" fill="currentColor">{"".join(parts)}</svg>'
    )
