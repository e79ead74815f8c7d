"""What the README shows runs as it stands there."""

import re
import shlex
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
