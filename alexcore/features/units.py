"""What part of a drawn picture each unit answers to, as ``find_units`` found it: names and tables.

Units -> a name for each unit, counts a layer, tables -> a file named by set, weights and pictures.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from alexcore.datasets.creatures import SETS
from alexcore.errors import DatasetError
from alexcore.features.kept import load_arrays, save_arrays
from alexcore.settings import get_data_folder
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    import pandas as pd

Array = npt.NDArray[np.float32]

PICTURES = 200
"""How many are looked at where nobody says otherwise."""
NO_PART = "no part"
NAMED = 0.04
"""The intersection over union from which a unit bears a part's name, as in the paper."""


@dataclass(frozen=True, slots=True)
class Units:
    """What every unit of the convolutions shares with every part.

    Attributes:
        parts: Their names, in alphabetical order; ``"creature"`` is all of one.
        thresholds: {layer: (C,) float32}, what its top half percent of cells exceed.
        ious: {layer: (C, P) float32}, intersection over union in [0, 1] with each part.
    """

    parts: tuple[str, ...]
    thresholds: dict[str, Array]
    ious: dict[str, Array]

    def name_unit(self, layer: str, channel: int) -> tuple[str, float]:
        """Return the part that a unit answers to most, or ``NO_PART``, and the IoU with the most.

        Args:
            layer: conv1 to conv5.
            channel: Of that layer.
        """
        ious = self.ious[layer][channel]
        most = float(ious.max())
        return self.parts[int(ious.argmax())] if most >= NAMED else NO_PART, most

    def count_named(self, layer: str) -> dict[str, int]:
        """Return {part: units that bear its name}, the most first."""
        names = (self.name_unit(layer, n)[0] for n in range(len(self.ious[layer])))
        return dict(Counter(name for name in names if name != NO_PART).most_common())

    def create_table(self, layer: str) -> pd.DataFrame:
        """Return a row a unit, the surest name first, with the part that comes second."""
        import pandas as pd

        ious = self.ious[layer]
        order = ious.argsort(1, kind="stable")
        second, rows = order[:, -2], np.arange(len(ious))
        table = pd.DataFrame({
            "channel": rows,
            "part": [self.name_unit(layer, channel)[0] for channel in rows.tolist()],
            "IoU": ious.max(1),
            "second part": [self.parts[n] for n in second],
            "its IoU": ious[rows, second],
            "threshold": self.thresholds[layer],
        })  # fmt: skip
        return table.sort_values("IoU", ascending=False, kind="stable", ignore_index=True)


def require_drawn(source: ModelSource) -> str:
    """Return the drawn set that a model was trained on.

    Raises:
        DatasetError: It was trained on something else, so that nobody knows where the parts are.
    """
    if source.trained_on not in SETS:
        trained = f"was trained on {source.trained_on}" if source.run else "comes of no training"
        raise DatasetError(
            f"units are named after the parts of drawn pictures, whose masks are known; "
            f"{source.name} {trained}. Take a run on {', '.join(SETS)}."
        )
    return source.trained_on


def find_units_file(source: ModelSource, pictures: int = PICTURES) -> Path:
    """Return where a model's result lies; its set, weights and number of pictures tell it apart."""
    name = f"{source.trained_on}-{source.name}-{source.digest[:12]}-{pictures}.npz"
    return get_data_folder() / "units" / name


def save_units(path: Path, units: Units) -> None:
    """Write a result in one step.

    Raises:
        CheckpointError: The disk is full or closed to us; a former file stays whole.
    """
    arrays: dict[str, npt.NDArray[np.generic]] = {"parts": np.array(units.parts)}
    arrays |= {f"thresholds/{layer}": found for layer, found in units.thresholds.items()}
    arrays |= {f"ious/{layer}": found for layer, found in units.ious.items()}
    save_arrays(path, arrays)


def load_units(path: Path) -> Units | None:
    """Read a result, None when there is none.

    Raises:
        CheckpointError: The file is damaged.
    """
    kept = load_arrays(path, "thresholds", "ious")
    if kept is None:
        return None
    single, layers = kept
    return Units(tuple(single["parts"].tolist()), **layers)
