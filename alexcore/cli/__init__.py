"""``alexcore`` or ``python -m alexcore``: the dashboard, and its work without a browser."""

from rich.console import Console
from rich.text import Text

from alexcore.cli import (
    ablate,
    dashboard,
    explain,
    film,
    finding,
    focus,
    inspection,
    kernels,
    report,
    retrieval,
    similarity,
    training,
    units,
    upkeep,
)
from alexcore.cli.console import app
from alexcore.errors import AlexcoreError

__all__ = [
    "ablate",
    "app",
    "dashboard",
    "explain",
    "film",
    "finding",
    "focus",
    "inspection",
    "kernels",
    "main",
    "report",
    "retrieval",
    "similarity",
    "training",
    "units",
    "upkeep",
]


def main() -> None:
    """Run the command line; an error that says what to do is printed, not raised."""
    try:
        app()
    except AlexcoreError as error:
        text = Text.assemble(("Error", "bold red"), f": {error}")  # brackets in it are no markup
        Console(stderr=True).print(text, soft_wrap=True)
        raise SystemExit(1) from error
