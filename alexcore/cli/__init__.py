"""``python -m alexcore``: the work of the dashboard without a browser."""

from rich.console import Console

from alexcore.cli import inspection, retrieval, training
from alexcore.cli.console import app
from alexcore.errors import AlexcoreError

__all__ = ["app", "inspection", "main", "retrieval", "training"]


def main() -> None:
    """Run the command line; an error that says what to do is printed, not raised."""
    try:
        app()
    except AlexcoreError as error:
        Console(stderr=True).print(f"[bold red]Error[/]: {error}", highlight=False)
        raise SystemExit(1) from error
