"""A Plotly figure drawn in place: a change of it is no new chart to the browser.

``st.plotly_chart`` mounts a new chart for every changed number; this keeps its node, so zoom and
legend survive, and lets clicks on any trace through. The library comes from the installed plotly
package, by the app's own server.
"""

from pathlib import Path

import plotly
import plotly.graph_objects as go
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from alexcore.dashboard.components import Reader, mount, register

_component = register("chart", isolate_styles=False)  # Plotly writes its style into the page
_LIBRARY = f"plotly-{plotly.__version__}.min.js"
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


async def _send_library(request: Request) -> FileResponse:
    path = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return FileResponse(path, media_type="text/javascript", headers=_FOREVER)


LIBRARY_ROUTE = Route("/{base:path}" + _LIBRARY, _send_library)
"""Serves the library below whatever path the app has; its name changes with its version."""


def show_chart(figure: go.Figure, key: str, alt: str, on_click: Reader | None = None) -> None:
    """Draw a figure in its place.

    Args:
        figure: From ``alexcore.figures``.
        key: Of the chart.
        alt: What it shows, for those who do not see it.
        on_click: Called before the page runs with ``{"x": ..., "y": ..., "curve": int,
            "point": int or [row, column]}`` of what was clicked.
    """
    data = {"figure": figure.to_dict(), "library": _LIBRARY, "alt": alt, "name": key,
            "clicks": on_click is not None}  # fmt: skip
    mount(_component, key, data, {"click": on_click} if on_click else None)
