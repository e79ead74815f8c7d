"""Waiting for what another process or thread does, as long as a busy machine may need."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 300.0
"""Seconds; a test that waits so long fails."""


def wait_for(look: Callable[[], T]) -> T:
    """Look again and again until something true is seen, and return it."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} seconds in vain"
        time.sleep(0.02)
    return seen
