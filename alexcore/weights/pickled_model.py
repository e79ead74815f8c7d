"""What a file of torch's holds -> its state dict: as it is, under a usual name, or off a model.

A model saved whole is a tree of stand-ins with torch's own fields: ``_parameters``, ``_buffers``
and ``_modules``. They are read as ``Module.state_dict`` does; the model's class plays no part.
"""

from collections.abc import Mapping
from typing import Any

from alexcore.errors import CheckpointError, quote
from alexcore.weights.standins import Name, Standin
from alexcore.weights.tensor_records import TensorRecord

_NESTED = ("state_dict", "model_state_dict", "model", "net", "weights")
_MAX_NESTED = 8
_MAX_DEPTH = 32
_MAX_ENTRIES = 10_000
_MAX_KEY = 500


def find_state(root: Any) -> dict[str, TensorRecord]:
    """Return the state dict in what a file holds.

    Args:
        root: Of a ``TorchFile``.

    Raises:
        CheckpointError: There is none, or it holds something other than plain tensors.
    """
    found = root
    for _ in range(_MAX_NESTED):
        inner = _find_inner(found)
        if inner is None:
            break
        found = inner
    if _is_module(found):
        walk = _Walk()
        walk.visit(found, "", ())
        return walk.state
    if type(found) is dict and found and all(map(_is_entry, found.items())):
        return found
    raise CheckpointError(f"this file holds {_describe(found)}. Save model.state_dict().")


def _find_inner(value: Any) -> Any:
    """Return the model or state dict that a checkpoint has under a usual name, or None."""
    if type(value) is not dict:
        return None
    inner = (value.get(name) for name in _NESTED)
    return next((found for found in inner if type(found) is dict or _is_module(found)), None)


def _is_module(value: Any) -> bool:
    return type(value) is Standin and type(value.state.get("_modules")) is dict


def _is_entry(item: tuple[Any, Any]) -> bool:
    key, value = item
    return type(key) is str and len(key) <= _MAX_KEY and type(value) is TensorRecord


def _describe(value: Any) -> str:
    if type(value) is Standin:
        return f"{_name_kind(value)}, which has no layers and is no state dict"
    if type(value) is dict and any(map(_is_entry, value.items())):
        odd = [item for item in value.items() if not _is_entry(item)]
        name = quote(odd[0][0]) if type(odd[0][0]) is str else "one of its keys"
        return f"a dict and no state dict: {name} is {_name_kind(odd[0][1])}"
    return f"{_name_kind(value)} and no state dict"


def _name_kind(value: Any) -> str:
    if type(value) is TensorRecord:
        return "a tensor"
    if type(value) is Name:
        return "a class or function"
    kind = quote(value.of) if type(value) is Standin else type(value).__name__
    return f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"


class _Walk:
    """Reads the modules of a model, each place once: shared ones under every name they have."""

    def __init__(self) -> None:
        self.state: dict[str, TensorRecord] = {}
        self._entries = 0

    def visit(self, module: Standin, prefix: str, parents: tuple[Standin, ...]) -> None:
        """Take a module's own tensors, then its children's: the order of ``state_dict``."""
        if len(parents) >= _MAX_DEPTH or any(module is parent for parent in parents):
            raise CheckpointError(
                "this model's modules lie in one another without end; it was not read. Save "
                "model.state_dict()."
            )
        left_out = module.state.get("_non_persistent_buffers_set")
        for kind in ("_parameters", "_buffers"):
            for name, value in self._list(module, kind, prefix):
                skipped = kind == "_buffers" and type(left_out) is set and name in left_out
                if value is None or skipped:
                    continue
                if type(value) is not TensorRecord:
                    raise CheckpointError(
                        f"{quote(prefix + name)} of this model is {_name_kind(value)}, not a plain "
                        "tensor. Save model.state_dict()."
                    )
                self.state[prefix + name] = value
        for name, child in self._list(module, "_modules", prefix):
            if child is None:
                continue
            if not _is_module(child):
                raise CheckpointError(
                    f"{quote(prefix + name)} of this model is {_name_kind(child)} and no module. "
                    "Save model.state_dict()."
                )
            self.visit(child, f"{prefix}{name}.", (*parents, module))

    def _list(self, module: Standin, kind: str, prefix: str) -> list[tuple[str, Any]]:
        """Return a module's entries of a kind, counted: few modules may have many names."""
        entries: Mapping[Any, Any] = module.state.get(kind) or {}
        named = type(entries) is dict and all(
            type(name) is str and len(prefix) + len(name) <= _MAX_KEY for name in entries
        )
        if not named:
            raise CheckpointError(
                f"{kind} of {quote(module.of)} in this file is not what torch saves. Save "
                "model.state_dict()."
            )
        self._entries += len(entries)
        if self._entries > _MAX_ENTRIES:
            raise CheckpointError(
                f"this model has more than {_MAX_ENTRIES:,} modules and tensors, and so is none of "
                "the variants."
            )
        return list(entries.items())
