import os
import subprocess
import sys
from pathlib import Path

import pytest

from alexcore import settings

ROOT = Path(__file__).parents[1]
NAMES = ("DATA", "RUNS", "PICTURES", "GALLERIES", "READ_ONLY")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(f"ALEXCORE_{name}", raising=False)


def test_a_checkout_keeps_its_folders_where_one_stands() -> None:
    assert not settings.INSTALLED
    assert settings.get_data_folder() == Path("data")
    assert settings.get_run_roots() == (Path("runs"), ROOT / "checkpoints")
    assert settings.get_picture_roots() == (Path("pictures"),)
    assert settings.get_galleries_uri() == str(Path("data") / "galleries")
    assert settings.STREAMLIT_FILE == ROOT / ".streamlit" / "config.toml"


def test_variables_name_other_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALEXCORE_DATA", "/d")
    monkeypatch.setenv("ALEXCORE_RUNS", "/r")
    monkeypatch.setenv("ALEXCORE_PICTURES", os.pathsep.join(("/a", "/b")))
    assert settings.get_cache_folder() == Path("/d/cache")
    assert settings.get_runs_folder() == Path("/r")
    assert settings.get_picture_roots() == (Path("/a"), Path("/b"))
    assert settings.get_galleries_uri() == str(Path("/d/galleries"))
    monkeypatch.setenv("ALEXCORE_PICTURES", "")
    assert settings.get_picture_roots() == ()


@pytest.mark.parametrize(("value", "closed"), [("1", True), ("0", False), ("", False)])
def test_read_only_is_one(monkeypatch: pytest.MonkeyPatch, value: str, closed: bool) -> None:
    monkeypatch.setenv("ALEXCORE_READ_ONLY", value)
    assert settings.is_read_only() is closed


def test_options_reach_processes_started_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in NAMES:  # so that what is set below is taken back
        monkeypatch.setenv(f"ALEXCORE_{name}", "")
    monkeypatch.chdir(tmp_path)
    settings.override(Path("mine"), [Path("a"), Path("b")], read_only=True)
    code = (
        "from alexcore import settings as s;"
        "print(s.get_runs_folder(), *s.get_picture_roots(), s.is_read_only())"
    )
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.split() == [*(str(tmp_path / name) for name in ("mine", "a", "b")), "True"]


def test_the_process_is_the_one_torchrun_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.get_process() == settings.Process(0, 1, 1)
    for name, value in {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    assert settings.get_process() == settings.Process(5, 8, 4)
    assert not settings.get_process().is_first


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for folder in ("alexcore", "pages", "examples")
        for path in (ROOT / folder).rglob("*.py")
        if "environ" in (text := path.read_text(encoding="utf-8")).replace("environment", "")
        or "getenv" in text
    }
    assert readers == {"alexcore/settings.py"}
