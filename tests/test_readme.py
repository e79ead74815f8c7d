"""What the README shows runs as it stands there."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer

from alexcore.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_ten_lines_of_python_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == "{'pool1': (1, 48, 27, 27), 'hidden': (1, 2048)}\n"


def test_every_command_and_option_exists() -> None:
    group = typer.main.get_command(app)
    lines = re.findall(r"^ {4}python -m alexcore (.*)$", README, flags=re.MULTILINE)
    assert len(lines) >= 7
    for line in lines:
        name, *arguments = shlex.split(line)
        command = group.commands[name]  # type: ignore[attr-defined]
        command.make_context(name, arguments)


def test_every_picture_it_shows_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert len(pictures) == 5
    assert all((ROOT / picture).is_file() for picture in pictures)


@pytest.mark.parametrize("name", ["SECURITY.md", "CONTRIBUTING.md"])
def test_every_file_it_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|docs|alexcore)/[\w/.]+)`", text)
    named += re.findall(r"^ {4}((?:\w+/)?\w+[./]\w*)", text, flags=re.MULTILINE)
    in_the_wheel = {"alexcore/shipped"}
    assert named
    assert not [path for path in {*named} - in_the_wheel if not (ROOT / path).exists()]


def test_the_map_of_the_package_has_all_of_it() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = re.findall(r"^ {6}(\S.*?)(?:  |$)", text, flags=re.MULTILINE)
    told = {word.rstrip("/") for line in lines for word in line.split()}
    there = {path.stem for path in (ROOT / "alexcore").iterdir()
             if path.suffix == ".py" or (path / "__init__.py").exists()}  # fmt: skip
    assert told == there - {"__init__", "__main__"}


def test_its_table_of_extras_is_the_project_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = re.findall(r"^\| `alexcore\[(\w+)\]` \|", README, flags=re.MULTILINE)
    assert sorted(told) == sorted(project["optional-dependencies"])
