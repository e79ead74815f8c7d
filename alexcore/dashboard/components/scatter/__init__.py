"""Ten thousand pictures as points: hover shows one, a drawn line gathers some."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from alexcore.dashboard.components import mount, publish, register

_component = register("scatter")


@dataclass(frozen=True)
class Cloud:
    """What does not change while one looks: the points and their pictures.

    Attributes:
        points: float32 (N, 2).
        kinds: Class index of each, uint16 (N,).
        classes: Labels.
        colours: One a class.
        names: Of each picture.
        atlas: JPEG file of square tiles, row by row.
        columns: Tiles a row.
    """

    points: npt.NDArray[np.float32]
    kinds: npt.NDArray[np.uint16]
    classes: Sequence[str]
    colours: Sequence[str]
    names: Sequence[str]
    atlas: bytes
    columns: int

    @cached_property
    def record(self) -> bytes:
        """What the browser fetches once, as JSON: points in [0, 1], classes, colours and names."""
        parts = {
            "points": _encode(self.normalise(self.points)),
            "kinds": _encode(self.kinds.astype(np.uint16)),
            "classes": list(self.classes),
            "colours": list(self.colours),
            "names": list(self.names),
            "columns": self.columns,
        }
        return json.dumps(parts).encode()

    def normalise(self, points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Bring points (..., 2) to the square in which those of the cloud span 0 to 1."""
        low, high = self.points.min(0), self.points.max(0)
        return np.asarray((points - low) / np.maximum(high - low, 1e-9), np.float32)


def _encode(values: npt.NDArray[np.float32] | npt.NDArray[np.uint16]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


@dataclass(frozen=True, slots=True)
class Shown:
    """What changes while one looks.

    Attributes:
        query: Where the query lies, (2,).
        chosen: Points to keep bright.
        alt: What the map shows.
    """

    query: npt.NDArray[np.float32]
    chosen: Sequence[int]
    alt: str


def show_scatter(
    cloud: Cloud, shown: Shown, on_lasso: Callable[[list[int]], None], key: str
) -> None:
    """Show the map; dragging draws a line around points, Shift and dragging moves, the wheel zooms.

    Args:
        cloud: The points; they and their pictures travel once.
        shown: The query and the source.
        on_lasso: Called with the points inside the line before the page runs; none after Escape.
        key: Of the component.
    """
    data = {
        "cloud": publish(cloud.record, "application/json", key),
        "atlas": publish(cloud.atlas, "image/jpeg", f"{key}-atlas"),
        "query": cloud.normalise(shown.query).tolist(),
        "chosen": list(shown.chosen),
        "alt": shown.alt,
    }
    mount(_component, key, data, {"lasso": lambda places: on_lasso([int(at) for at in places])})
