"""Files made to do harm: ``CODE`` would run something, the others would take time or memory.

Each is written by hand with the opcodes of ``pickletools``; ``torch.save`` made none of them.
"""

import io
import struct
import zipfile
from collections.abc import Callable

PROTO = b"\x80\x02"
TOUCH = "touch canary"


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def name(path: str) -> bytes:
    module, _, attribute = path.rpartition(".")
    return f"c{module}\n{attribute}\n".encode()


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


def storage(key: str, numel: bytes, kind: str = "torch.FloatStorage") -> bytes:
    return b"(" + text("storage") + name(kind) + text(key) + text("cpu") + numel + b"tQ"


def numbers(*values: int) -> bytes:
    return b"(" + b"".join(map(integer, values)) + b"t"


def tensor(size: bytes, stride: bytes, offset: bytes = b"K\0", numel: int = 4) -> bytes:
    rebuild = name("torch._utils._rebuild_tensor_v2")
    return call(rebuild, storage("0", integer(numel)), offset, size, stride, b"\x89", b"}")


GOOD = tensor(numbers(2, 2), numbers(2, 1))


def state(**entries: bytes) -> bytes:
    return b"}(" + b"".join(text(key) + value for key, value in entries.items()) + b"u"


def module(children: bytes = b"}", parameters: bytes = b"}") -> bytes:
    inner = state(_parameters=parameters, _buffers=b"}", _modules=children)
    return name("nets.Net") + b")\x81" + inner + b"b"


def archive(pickle: bytes, data: bytes = bytes(16), compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as target:
        target.writestr("archive/data.pkl", pickle)
        target.writestr("archive/version", b"3\n")
        target.writestr("archive/data/0", data)
    return file.getvalue()


def legacy(pickle: bytes) -> bytes:
    system = PROTO + state(little_endian=b"\x88") + b"."
    head = PROTO + integer(0x1950A86A20F9469CFC6C) + b"." + PROTO + integer(1001) + b"." + system
    if b"FloatStorage" not in pickle:
        return head + pickle + PROTO + b"]."
    keys = PROTO + b"](" + text("0") + b"e."
    return head + pickle + keys + struct.pack("<q", 4) + bytes(16)


def both(**pickles: bytes) -> dict[str, bytes]:
    """Each pickle alone in a zip archive, in an old file, and beside good weights."""
    files: dict[str, bytes] = {}
    for title, pickle in pickles.items():
        whole = PROTO + pickle + b"."
        beside = PROTO + state(first=pickle, state_dict=state(w=GOOD)) + b"."
        files |= {f"{title}, zip": archive(whole), f"{title}, old": legacy(whole)}
        files |= {f"{title}, beside": archive(beside)}
    return files


_SHELL = text(TOUCH)
_PYTHON = text("open('canary', 'w')")
_SYSTEM = name("os.system")
_OS = call(name("builtins.__import__"), text("os"))

CODE = both(
    system=call(name("os.system"), _SHELL),
    posix=call(name("posix.system"), _SHELL),
    popen=call(name("subprocess.Popen"), b"](" + text("touch") + text("canary") + b"e"),
    eval=call(name("builtins.eval"), _PYTHON),
    exec=call(name("__builtin__.exec"), _PYTHON),
    stack_global=call(text("builtins") + text("exec") + b"\x93", _PYTHON),
    compile=call(
        name("builtins.exec"), call(name("builtins.compile"), _PYTHON, text(""), text("exec"))
    ),
    open=call(name("builtins.open"), text("canary"), text("w")),
    importing=call(call(name("builtins.getattr"), _OS, text("system")), _SHELL),
    dotted=call(text("os") + text("path.os.system") + b"\x93", _SHELL),
    attrgetter=call(call(call(name("operator.attrgetter"), text("system")), _OS), _SHELL),
    methodcaller=call(call(name("operator.methodcaller"), text("system"), _SHELL), _OS),
    partial=call(call(name("functools.partial"), name("os.system"), _SHELL)),
    reduce=call(name("functools.reduce"), name("os.system"), b"](" + _SHELL + b"e"),
    map=call(
        name("builtins.list"), call(name("builtins.map"), name("os.system"), b"]" + _SHELL + b"a")
    ),
    inst=b"(" + _SHELL + b"ios\nsystem\n",
    obj=b"(" + name("os.system") + _SHELL + b"o",
    newobj=name("os.system") + b"(" + _SHELL + b"t\x81",
    newobj_ex=name("subprocess.run") + b")" + state(args=_SHELL, shell=b"\x88") + b"\x92",
    setstate=name("nets.Net") + b")\x81" + state(__setstate__=_SYSTEM) + b"b" + _SHELL + b"b",
    reduce_ex=name("nets.Net") + b")\x81"
    + state(__reduce__=_SYSTEM, __reduce_ex__=_SYSTEM, __class__=_SYSTEM) + b"b",
    build_a_name=name("torch.nn.Linear") + b"N" + state(forward=name("os.system")) + b"\x86b",
    build_a_tensor=GOOD + call(name("os.system"), _SHELL) + b"b",
    append=name("nets.List") + b")\x81" + _SHELL + b"a(" + _SHELL + b"e",
    set_item=name("nets.Dict") + b")\x81" + _SHELL + _SHELL + b"s(" + _SHELL + _SHELL + b"u",
    key=b"}" + name("nets.Key") + b")\x81" + state(__hash__=name("os.system")) + b"bNs",
    reconstructor=call(name("copyreg._reconstructor"), _SYSTEM, name("builtins.str"), _SHELL),
    extension=call(name("copyreg.add_extension"), text("os"), text("system"), integer(1)),
    hub=call(name("torch.hub.load"), text("."), text("canary"), text("local")),
    torch_load=call(name("torch.load"), text("canary")),
    serialization=call(name("torch.serialization.load"), text("canary")),
    jit=call(name("torch.jit.load"), text("canary")),
    library=call(name("torch.ops.load_library"), text("canary")),
    rebuild_from_type=call(
        name("torch._tensor._rebuild_from_type_v2"), name("os.system"), name("builtins.str"),
        b"(" + _SHELL + b"t", b"}",
    ),
    parameter=call(name("torch._utils._rebuild_parameter"), call(_SYSTEM, _SHELL), b"\x88"),
    module_class=b"(" + text("module") + name("os.system") + text("canary") + text("x") + b"tQ",
)  # fmt: skip


def _nest(before: bytes, inner: bytes, after: bytes, depth: int = 9_000) -> bytes:
    return before * depth + inner + after * depth


def _put(index: int) -> bytes:
    return b"r" + struct.pack("<I", index) + b"0"


def _get(index: int) -> bytes:
    return b"j" + struct.pack("<I", index)


def _double(start: bytes, join: Callable[[bytes], bytes], times: int = 60) -> bytes:
    """Each object holds the one before twice: 2 ** times ways from the last to the first."""
    steps = (join(_get(n)) + _put(n + 1) for n in range(times))
    return start + _put(0) + b"".join(steps) + _get(times)


def _pair(before: bytes) -> bytes:
    return before + before + b"\x86"


def _depth() -> dict[str, bytes]:
    child = name("n.N") + b")\x81}" + text("_modules") + b"}" + text("x")
    return {
        "nested lists": _nest(b"]", b"N", b"a", 100_000),
        "nested tuples": _nest(b"", b")", b"\x85", 100_000),
        "nested dicts": _nest(b"}K\0", b"N", b"s", 90_000),
        "nested checkpoints": _nest(b"}" + text("model"), b"N", b"s"),
        "nested modules": _nest(child, module(), b"ssb"),
        "nested marks": b"(" * 400_000,
        "a list within itself": b"]q\0" + b"h\0a" * 100_000,
        "a dict within itself": b"}q\0" + text("w") + b"h\0s",
        "a checkpoint within itself": b"}q\0" + text("model") + b"h\0s",
        "a module within itself": name("n.N")
        + b")\x81q\0"
        + state(_parameters=b"}", _modules=state(again=b"h\0"))
        + b"b",
        "modules doubled": _double(module(), lambda old: module(state(left=old, right=old))),
        "tuples doubled": _double(b")", _pair),
        "lists doubled": _double(b"]", lambda old: b"](" + old + old + b"e"),
        "tuples doubled, as a key": b"}" + _double(b")", _pair) + b"Ns",
        "tuples doubled, in a set": b"\x8f(" + _double(b")", _pair) + b"\x90",
        "tuples doubled, in a frozen set": b"(" + _double(b")", _pair) + b"\x91",
        "tuples doubled, as a model": state(model=_double(b")", _pair)),
    }


def _lengths() -> dict[str, bytes]:
    most = struct.pack("<Q", 2**63 - 1)
    return {
        "steps without end": b"N0" * 3_000_000,
        "many values": b"(" + b"]" * 450_000 + b"t",
        "memo index of 2 ** 31": b"Nr" + struct.pack("<I", 2**31),
        "memo index of 2 ** 32 - 1": b"Nr" + struct.pack("<I", 2**32 - 1),
        "memo index of many digits": b"Np" + b"9" * 4_000 + b"\n",
        "memo index below zero": b"Np-1\n",
        "memo without that entry": _get(7),
        "text of 2 ** 63": b"\x8d" + most + b"x",
        "text of 2 ** 36": b"\x8d" + struct.pack("<Q", 2**36) + b"x",
        "text of 2 ** 32": b"X" + struct.pack("<I", 2**32 - 1) + b"x",
        "old text of 2 ** 31": b"T" + struct.pack("<i", 2**31 - 1) + b"x",
        "old text of -1": b"T" + struct.pack("<i", -1) + b"x",
        "bytes of 2 ** 63": b"\x8e" + most + b"x",
        "bytes of 2 ** 36": b"\x8e" + struct.pack("<Q", 2**36) + b"x",
        "byte array of 2 ** 36": b"\x96" + struct.pack("<Q", 2**36) + b"x",
        "frame of 2 ** 63": b"\x95" + most + b"N",
        "long names joined often": text("x" * 4_000_000)
        + _put(0)
        + (_get(0) + text("y") + b"\x93") * 1_000,
        "long names of storages": (b"(" + text("storage") + name("m." + "x" * 4_000_000))
        + _put(0)
        + (call(name("torch._utils._rebuild_tensor_v2"), _get(0), b"NNN") + b"0") * 1_000,
        "integer of 2 ** 31 bytes": b"\x8b" + struct.pack("<i", 2**31 - 1) + b"x",
        "integer of -1 bytes": b"\x8b" + struct.pack("<i", -1),
        "integer of a million bytes": b"\x8b" + struct.pack("<i", 10**6) + b"\x7f" * 10**6,
        "integer of a million digits": b"L" + b"9" * 1_000_000 + b"L\n",
        "float of a million digits": b"F" + b"9" * 1_000_000 + b"\n",
        "persistent id in a line": b"Pstorage\n",
        "out-of-band buffer": b"\x97",
        "registered extension": b"\x82\x01",
        "unknown opcode": b"\xff",
        "nothing on the stack": b"R",
        "too little on the stack": b"N\x87",
        "no mark": b"Nt",
        "a key without its value": b"}(K\1u",
        "keys that collide": b"}("
        + b"".join(integer(n * (2**61 - 1)) + b"N" for n in range(1, 100_000))
        + b"u",
        "a set copied often": b"]("
        + b"N" * 100_000
        + b"e\x85q\0"
        + (name("builtins.set") + b"h\0R0") * 2_000,
        "a dict copied often": b"]("
        + b"K\0K\0\x86" * 50_000
        + b"e\x85q\0"
        + (name("collections.OrderedDict") + b"h\0R0") * 2_000,
    }


def _persistent_ids() -> dict[str, bytes]:
    start = b"(" + text("storage")
    kind = name("torch.FloatStorage")
    ids = {
        "none": b"N",
        "list": b"]",
        "dict": b"}",
        "text": text("storage"),
        "number": b"K\1",
        "empty": b")",
        "short": start + b"t",
        "of nones": start + b"NNNNt",
        "nested": start + b"t\x85",
        "another word": b"(" + text("function") + kind + text("0") + b"NK\4t",
        "module of text": b"(" + text("module") + text("os") + text("x") + text("y") + b"t",
        "negative length": start + kind + text("0") + b"N" + integer(-4) + b"t",
        "length of 2 ** 62": start + kind + text("0") + b"N" + integer(2**62) + b"t",
        "length of text": start + kind + text("0") + b"N" + text("4") + b"t",
        "view beyond": start + kind + text("0") + b"NK\4(" + text("v") + b"K\2K\3tt",
        "view of text": start + kind + text("0") + b"NK\4" + text("v") + b"t",
    }
    return {f"persistent id: {title}": made + b"Q" for title, made in ids.items()}


def _tensors() -> dict[str, bytes]:
    rebuild, square, steps = name("torch._utils._rebuild_tensor_v2"), numbers(2, 2), numbers(2, 1)
    tensors = {
        "negative size": tensor(numbers(-2, -2), steps),
        "negative stride": tensor(square, numbers(-2, -1)),
        "negative offset": tensor(square, steps, integer(-1)),
        "offset beyond": tensor(square, steps, integer(1)),
        "stride beyond": tensor(square, numbers(2**40, 1)),
        "stride of 2 ** 62": tensor(square, numbers(2**62, 2**62)),
        "wide without a stride": tensor(numbers(2**30, 2**9), numbers(0, 0)),
        "overflowing size": tensor(numbers(2**33, 2**33), numbers(1, 1)),
        "overflowing empty size": tensor(numbers(0, 2**39, 2**39), numbers(1, 1, 1)),
        "size of 2 ** 100": tensor(numbers(2**100), numbers(1)),
        "ninety-nine axes": tensor(numbers(*[1] * 99), numbers(*[1] * 99)),
        "fewer strides": tensor(square, numbers(1)),
        "size of text": tensor(b"(" + text("2") + b"t", numbers(1)),
        "size of booleans": tensor(b"(\x88t", b"(\x88t"),
        "size in a list": tensor(b"](K\4e", numbers(1)),
        "longer than its bytes": tensor(numbers(5), numbers(1), numel=5),
        "storage of 2 ** 39": tensor(numbers(5), numbers(1), numel=2**39),
        "storage of 2 ** 62": tensor(numbers(5), numbers(1), numel=2**62),
        "no storage": call(rebuild, b"N", b"K\0", square, steps),
        "no arguments": call(rebuild),
        "no such storage": call(
            rebuild, storage("7", b"K\4"), b"K\0", square, steps, b"\x89", b"}"
        ),
        "storage of unknown kind": call(
            rebuild, storage("0", b"K\4", "torch.OddStorage"), b"K\0", square, steps
        ),
    }
    return {f"tensor: {title}": state(w=made) for title, made in tensors.items()}


def _models() -> dict[str, bytes]:
    many = b"}(" + b"".join(text(str(n)) + b"N" for n in range(40_000)) + b"u"
    new = name("n.N") + b")\x81"
    shell = call(name("os.system"), text(TOUCH))
    return {
        "a module of many names": module(parameters=many),
        "a module of long names": _double(
            module(), lambda old: module(b"}" + text("x" * 400) + old + b"s"), 20
        ),
        "a module of no names": module(parameters=b"}K\1Ns"),
        "a module without parameters": new + state(_modules=b"}", _parameters=b"](Ne") + b"b",
        "a module that is none": module(children=state(a=b"]")),
        "a parameter that is none": module(parameters=state(a=shell)),
        "a model that is code": state(model=shell),
    }


def _name_half_often() -> bytes:
    """One storage of a million halves under five thousand names: as float32, twenty gigabytes."""
    rebuild, size = name("torch._utils._rebuild_tensor_v2"), integer(1_000_000)
    halves = storage("0", size, "torch.HalfStorage")
    one = call(rebuild, halves, b"K\0", size + b"\x85", b"K\1\x85", b"\x89", b"}")
    names = b"".join(text(str(n)) + _get(0) for n in range(5_000))
    return archive(PROTO + one + _put(0) + b"}(" + names + b"u.", bytes(2_000_000))


def _lay_over_one_another() -> bytes:
    """Two hundred members that are the same four megabytes."""
    rebuild, size = name("torch._utils._rebuild_tensor_v2"), integer(1_000_000)
    shape = size + b"\x85K\1\x85"
    tensors = {
        str(n): call(rebuild, storage(str(n), size), b"K\0", shape, b"\x89}") for n in range(200)
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        target.writestr("archive/data.pkl", PROTO + state(**tensors) + b".")
        target.writestr("archive/data/0", bytes(4_000_000))
        first = target.getinfo("archive/data/0")
        for n in range(1, 200):
            again = zipfile.ZipInfo(f"archive/data/{n}")
            again.header_offset, again.CRC = first.header_offset, first.CRC
            again.file_size = again.compress_size = first.file_size
            target.filelist.append(again)
    return file.getvalue()


def _change_sizes(data: bytes, size: int) -> bytes:
    """Let the directory say that every member has another size."""
    changed, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 20 : at + 28] = struct.pack("<II", size, size)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def _list_many(count: int) -> bytes:
    """A directory of so many members that their records alone would take gigabytes."""
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", *[0] * 9, 1, *[0] * 6) + b"a"
    end = struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, len(entry) * count, 0, 0)
    return entry * count + b"PK\x05\x06" + end


def create_waste() -> dict[str, bytes]:
    """Build the files that would take time or memory, or break the reader; all are refused."""
    pickles = _depth() | _lengths() | _persistent_ids() | _tensors() | _models()
    files = {f"{title}, zip": archive(PROTO + made + b".") for title, made in pickles.items()}
    files |= {f"{title}, old": legacy(PROTO + made + b".") for title, made in pickles.items()}
    good = PROTO + state(w=GOOD) + b"."
    packed = zipfile.ZIP_DEFLATED
    return files | {
        "half values under many names": _name_half_often(),
        "members over one another": _lay_over_one_another(),
        "a pickle that inflates": archive(PROTO + bytes(500_000_000), compression=packed),
        "a storage that inflates": archive(good, bytes(500_000_000), compression=packed),
        "a long pickle": archive(PROTO + text("x" * 40_000_000) + b"."),
        "members longer than the file": _change_sizes(archive(good), 2**31),
        "members of no length": _change_sizes(archive(good), 0),
        "a directory of a million": b"PK\3\4" + _list_many(1_000_000),
        "no end": archive(PROTO + state(w=GOOD)),
        "no pickle": archive(b""),
        "no bytes": archive(good, b""),
        "an old file without its end": legacy(good)[:-8],
        "an old file of other lengths": legacy(good)[:-24] + struct.pack("<q", 2**40) + bytes(16),
        "an old file with a key of its own": legacy(PROTO + text("FloatStorage") + b"."),
    }
