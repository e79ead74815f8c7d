"""A pickle read as data: lists, dicts and stand-ins come out, and nothing of the file's is called.

bytes -> ``pickletools.genops`` -> ``InertReader`` -> the object the pickle describes. Python's own
unpicklers import and call what a file names, and call methods (``__setstate__``, ``append``,
``__setitem__``) of whatever it has built. This reader has one fixed effect for each opcode, on
containers it made itself; a name stays a ``Name``, and what would be called becomes a ``Standin``.
"""

import pickletools
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from alexcore.errors import CheckpointError, quote
from alexcore.weights.standins import Name, Standin, check_pair, fill, join_name, name_class, to_key

MAX_STEPS = 500_000
"""Opcodes, and elements copied, in one pickle; a checkpoint of these nets has a few thousand."""

_MAX_INDEX = 2**32
_CONTAINERS = ("collections.OrderedDict", "builtins.set")

Call = Callable[[tuple[Any, ...]], Any]
"""Our meaning of a call in the file: arguments -> an object, or None for a stand-in."""


class InertReader:
    """One pickle. It holds no more than the file's bytes and ``MAX_STEPS`` small objects."""

    def __init__(
        self, file: BinaryIO, calls: Mapping[str, Call], load_persistent: Callable[[Any], Any]
    ) -> None:
        """Read from where ``file`` stands.

        Args:
            file: It stands behind the pickle afterwards.
            calls: What calls of some names mean; all others become stand-ins.
            load_persistent: Turns a persistent id into an object.
        """
        self._file = file
        self._calls = calls
        self._load_persistent = load_persistent
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memo: dict[int, Any] = {}
        self._left = MAX_STEPS

    def read(self) -> Any:
        """Return what the pickle describes.

        Raises:
            CheckpointError: It is damaged, too long, or uses what no file of torch's does.
        """
        try:
            for opcode, argument, _ in pickletools.genops(self._file):
                self._spend(1)
                if opcode.name == "STOP":
                    return self._stack.pop()
                if opcode.name not in _STEPS:
                    raise CheckpointError(
                        f"this file uses {opcode.name}, which torch never writes; it was not read."
                    )
                _STEPS[opcode.name](self, argument)
            raise ValueError("it has no end")
        except CheckpointError:
            raise
        except Exception as error:  # the bytes may lead to any operation on any of our objects
            raise CheckpointError(
                f"this file is damaged, cut short, or no weights file ({quote(str(error))})."
            ) from error

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise CheckpointError(
                f"this file takes more than {MAX_STEPS:,} steps to read, which no checkpoint of "
                "these nets does. Save model.state_dict() alone."
            )

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _mark(self, _: Any) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _pop_mark(self) -> list[Any]:
        items = self._stack
        self._stack = self._below.pop()
        return items

    def _drop(self, _: Any) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._pop_mark()

    def _put(self, index: Any) -> None:
        index = len(self._memo) if index is None else index
        if not 0 <= index < _MAX_INDEX:
            raise CheckpointError("this file is damaged: it numbers an object beyond all bounds.")
        self._memo[index] = self._stack[-1]

    def _get(self, index: Any) -> None:
        if index not in self._memo:
            raise ValueError("it refers to an object that is not there")
        self._stack.append(self._memo[index])

    def _take(self, count: int) -> tuple[Any, ...]:
        if len(self._stack) < count:
            raise ValueError("it takes values that are not there")
        taken = tuple(self._stack[-count:])
        del self._stack[-count:]
        return taken

    def _extend(self, items: list[Any]) -> None:
        """Put items into what lies on top; of a stand-in nothing is kept."""
        target = self._stack[-1]
        if type(target) is list:
            target.extend(items)
        elif type(target) is set:
            target.update(map(to_key, items))

    def _set_items(self, items: list[Any]) -> None:
        target = self._stack[-1]
        if type(target) is dict:
            fill(target, items)

    def _name(self, argument: Any) -> None:
        """A name written out, or from two texts on the stack."""
        if argument is None:
            module, name = self._take(2)
            if type(module) is not str or type(name) is not str:
                raise ValueError("a name that is no text")
            argument = f"{join_name(module)} {join_name(name)}"
        self._stack.append(Name(join_name(argument)))

    def _call(self, function: Any, arguments: Any) -> Any:
        """Return what stands for a call; ours are the only functions that run."""
        name = name_class(function)
        if type(arguments) is not tuple:
            raise ValueError("arguments that are no tuple")
        if name in _CONTAINERS and (arguments == () or type(arguments[0]) is list):
            return self._create_container(name, arguments[0] if arguments else [])
        meaning = self._calls.get(name)
        value = meaning(arguments) if meaning else None
        return Standin(name) if value is None else value

    def _create_container(self, name: str, items: list[Any]) -> Any:
        self._spend(len(items))
        if name != "collections.OrderedDict":
            return set(map(to_key, items))
        pairs = [part for pair in items for part in check_pair(pair)]
        return fill({}, pairs)

    def _reduce(self, _: Any) -> None:
        function, arguments = self._take(2)
        self._stack.append(self._call(function, arguments))

    def _new(self, _: Any) -> None:
        self._stack.append(Standin(name_class(self._take(2)[0])))

    def _new_ex(self, _: Any) -> None:
        self._take(1)
        self._new(None)

    def _instantiate(self, name: Any) -> None:
        """INST has the class as its argument, OBJ as the first item."""
        items = self._pop_mark()
        if name is None:
            name = name_class(items[0])
        self._stack.append(Standin(join_name(name)))

    def _build(self, _: Any) -> None:
        """Keep the state of a stand-in; that of all else, such as a tensor, is dropped."""
        state = self._stack.pop()
        target = self._stack[-1]
        if type(state) is tuple and len(state) == 2:
            state = state[0]  # the second holds what __slots__ name
        if type(target) is Standin and type(state) is dict:
            target.state = state

    def _persistent(self, _: Any) -> None:
        self._stack.append(self._load_persistent(self._stack.pop()))


_VALUES = (
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING "
    "UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8 "
    "NONE"
)
_STEPS: dict[str, Callable[[InertReader, Any], object]] = {
    **dict.fromkeys(_VALUES.split(), InertReader._push),
    **dict.fromkeys(("PROTO", "FRAME"), lambda reader, _: None),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), InertReader._put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), InertReader._get),
    **dict.fromkeys(("GLOBAL", "STACK_GLOBAL"), InertReader._name),
    **dict.fromkeys(("INST", "OBJ"), InertReader._instantiate),
    **dict.fromkeys(("APPENDS", "ADDITEMS"), lambda r, _: r._extend(r._pop_mark())),
    "NEWTRUE": lambda r, _: r._push(True),
    "NEWFALSE": lambda r, _: r._push(False),
    "EMPTY_TUPLE": lambda r, _: r._push(()),
    "EMPTY_LIST": lambda r, _: r._push([]),
    "EMPTY_DICT": lambda r, _: r._push({}),
    "EMPTY_SET": lambda r, _: r._push(set()),
    "TUPLE1": lambda r, _: r._push(r._take(1)),
    "TUPLE2": lambda r, _: r._push(r._take(2)),
    "TUPLE3": lambda r, _: r._push(r._take(3)),
    "TUPLE": lambda r, _: r._push(tuple(r._pop_mark())),
    "LIST": lambda r, _: r._push(r._pop_mark()),
    "DICT": lambda r, _: r._push(fill({}, r._pop_mark())),
    "FROZENSET": lambda r, _: r._push(set(map(to_key, r._pop_mark()))),
    "APPEND": lambda r, _: r._extend([r._stack.pop()]),
    "SETITEM": lambda r, _: r._set_items(list(r._take(2))),
    "SETITEMS": lambda r, _: r._set_items(r._pop_mark()),
    "MARK": InertReader._mark,
    "POP": InertReader._drop,
    "POP_MARK": lambda r, _: r._pop_mark(),
    "DUP": lambda r, _: r._push(r._stack[-1]),
    "REDUCE": InertReader._reduce,
    "BUILD": InertReader._build,
    "NEWOBJ": InertReader._new,
    "NEWOBJ_EX": InertReader._new_ex,
    "BINPERSID": InertReader._persistent,
}
