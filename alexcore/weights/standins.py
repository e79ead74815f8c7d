"""What a pickle's classes, functions and objects become, and what may be a key among them.

Used by ``inert_pickle``, which reads a pickle as data.
"""

from dataclasses import dataclass, field
from typing import Any

_MAX_INTEGER = 2**63
_MAX_NAME = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A class or function a pickle names, as ``module.name``; it is never looked up."""

    text: str


@dataclass(slots=True, eq=False)
class Standin:
    """What the file would have had built or returned by a call.

    Attributes:
        of: The class or function, as ``module.name``.
        state: Its attributes, as far as the file gives them as a dict.
    """

    of: str
    state: dict[Any, Any] = field(default_factory=dict)


def join_name(name: str) -> str:
    """Return "module name" with a dot, and by its name of today where it is Python 2's.

    Raises:
        ValueError: It is so long that copies of it would fill the memory.
    """
    if len(name) > _MAX_NAME:
        raise ValueError("a name without end")
    return name.replace(" ", ".").replace("__builtin__.", "builtins.", 1)


def name_class(cls: Any) -> str:
    """Return what a class or function is called, if it is one."""
    return cls.text if type(cls) is Name else "class without a name"


def to_key(key: Any) -> Any:
    """Return what may be hashed: a nested tuple takes exponential time, an integer may collide."""
    plain = type(key) in (str, bytes, bool, float, type(None)) or (
        type(key) is int and abs(key) < _MAX_INTEGER
    )
    return key if plain else Standin("a key")


def check_pair(pair: Any) -> Any:
    """Return a key with its value, as files of Python 2 list them.

    Raises:
        ValueError: It is something else.
    """
    if type(pair) not in (list, tuple) or len(pair) != 2:
        raise ValueError("a dict of something other than pairs")
    return pair


def fill(target: dict[Any, Any], items: list[Any]) -> dict[Any, Any]:
    """Put keys and values, in turn, into a dict and return it.

    Raises:
        ValueError: They are odd in number.
    """
    if len(items) % 2:
        raise ValueError("a key without its value")
    target.update(zip(map(to_key, items[::2]), items[1::2], strict=True))
    return target
