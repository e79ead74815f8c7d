"""What was found of a model in one long pass, kept on disk as named arrays: NPZ without pickles."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from alexcore.errors import CheckpointError
from alexcore.files import replacing

Arrays = dict[str, npt.NDArray[Any]]


def save_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write arrays in one step.

    Raises:
        CheckpointError: The disk is full or closed to us; a former file stays whole.
    """
    try:
        with replacing(path) as partial, partial.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise CheckpointError(f"cannot write {path}: {error}.") from error


def load_arrays(path: Path, *kinds: str) -> tuple[Arrays, dict[str, Arrays]] | None:
    """Read what ``save_arrays`` wrote, None when there is none.

    Args:
        path: The file.
        kinds: Of arrays that are kept of each layer, as ``kind/layer``.

    Returns:
        The arrays by name, and {kind: {layer: array}} of those that are kept of each layer.

    Raises:
        CheckpointError: The file is damaged.
    """
    if not path.is_file():
        return None
    single: Arrays = {}
    layers: dict[str, Arrays] = {kind: {} for kind in kinds}
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            for key in arrays.files:
                kind, _, layer = key.partition("/")
                (layers[kind] if layer else single)[layer or key] = arrays[key]
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise CheckpointError(
            f"{path} is damaged ({error!r}); remove it to make it anew."
        ) from error
    return single, layers
