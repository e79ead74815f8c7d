"""Look inside AlexNet: models, inspection, training, extraction, retrieval and their figures.

Importing the package is cheap: torch is imported by the modules that compute with it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alexcore.training.log_run import log_run

__all__ = ["__version__", "log_run"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what is offered here once it is asked for."""
    if name == "log_run":
        from alexcore.training.log_run import log_run

        return log_run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
