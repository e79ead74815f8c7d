import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import nn

from alexcore.errors import CheckpointError
from alexcore.models import create_model
from alexcore.weights.untrusted import load_untrusted


def to_bytes(value: object, **options: bool) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def to_zip(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


STATE = create_model("half", hidden=4).state_dict()


@pytest.mark.parametrize(
    "data",
    [
        to_bytes(STATE),
        to_bytes(STATE, _use_new_zipfile_serialization=False),
        to_bytes({"epoch": 3, "model_state_dict": STATE, "loss": 0.1}),
        to_bytes({"state_dict": STATE}),
        save_safetensors({key: value.contiguous() for key, value in STATE.items()}),
    ],
    ids=["zip", "old", "nested", "lightning", "safetensors"],
)
def test_state_dicts_are_read_in_every_form(data: bytes) -> None:
    read = load_untrusted(data)
    assert read.keys() == STATE.keys()
    assert all(torch.equal(read[key], value) for key, value in STATE.items())


class Loud(nn.Module):
    """A model that would leave a file if any of it were run on loading."""

    def __init__(self, target: Path) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 3)
        self.target = target

    def __setstate__(self, state: dict[str, Any]) -> None:
        Path(state["target"]).touch()
        super().__setstate__(state)


def test_a_whole_model_is_read_and_nothing_of_it_is_run(tmp_path: Path) -> None:
    target = tmp_path / "loud"
    model = Loud(target)
    data = to_bytes(model)
    read = load_untrusted(data)
    assert not target.exists()
    assert read.keys() == model.state_dict().keys()
    torch.load(io.BytesIO(data), weights_only=False)
    assert target.exists()


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.target), "w")


@pytest.mark.parametrize("save", [to_bytes, pickle.dumps, lambda v: to_bytes({"state_dict": v})])
def test_code_in_a_file_is_never_run(save: object, tmp_path: Path) -> None:
    target = tmp_path / "pwned"
    with pytest.raises(CheckpointError):
        load_untrusted(save(Evil(target)))  # type: ignore[operator]
    assert not target.exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>404</html>", "a web page, not weights"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:ab", "git lfs pull"),
        (to_bytes(STATE)[:5000], "damaged"),
        (save_safetensors(dict(STATE))[:5000], "safetensors file is damaged"),
        (b"\x00" * 5000, "damaged"),
        (b"hello, these are no weights", "damaged|no weights"),
        (to_bytes([1, 2, 3]), "holds a list and no state dict"),
        (to_bytes({"lr": 0.1}), "holds a dict and no state dict"),
        (pickle.dumps({"w": [1.0]}), "a pickle, but not one of torch.save"),
        (to_zip({"notes.txt": b"hello"}), "zip archive holds no weights of torch's"),
        (to_zip({"net/data.pkl": b"", "net/constants.pkl": b""}), "a TorchScript program"),
        (to_zip({"net/data.pkl": b"N.", "net/byteorder": b"big"}), "on a big-endian machine"),
    ],
)
def test_load_rejects_what_is_no_state_dict(data: bytes, reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        load_untrusted(data)
