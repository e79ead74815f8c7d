import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from typer.testing import CliRunner

import alexcore
from alexcore.cli import app, main
from alexcore.dashboard.server import read_options, read_own_options, serve
from alexcore.errors import AlexcoreError
from alexcore.settings import STREAMLIT_FILE


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[dict[str, Any]]:
    """The options of each server that would have been started, where none of ours are found."""
    options: list[dict[str, Any]] = []
    monkeypatch.setattr(st.App, "run", lambda self, *, config: options.append(config))
    monkeypatch.setattr(sys, "argv", ["alexcore"])
    monkeypatch.chdir(tmp_path)
    return options


def test_the_options_are_those_of_the_file_and_streamlit_knows_them() -> None:
    options = read_options(STREAMLIT_FILE)
    assert options["server.address"] == "localhost"
    assert options["theme.light.primaryColor"].startswith("#")
    assert isinstance(options["theme.headingFontWeights"], list)
    for name, value in options.items():  # streamlit reads the same file from where the tests run
        assert st.get_option(name) == value


def test_an_installed_app_is_handed_the_look_and_the_limits(handed: list[dict[str, Any]]) -> None:
    serve(open_browser=False)
    assert handed == [read_options(STREAMLIT_FILE) | {"logger.hideWelcomeMessage": True}]


def test_options_of_the_command_go_before_the_file_s(handed: list[dict[str, Any]]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = ["dashboard", "--port", str(port), "--address", "127.0.0.1", "--no-open"]
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    assert handed[0]["server.port"] == port
    assert handed[0]["server.address"] == "127.0.0.1"


def test_a_user_s_own_file_goes_before_ours(handed: list[dict[str, Any]], tmp_path: Path) -> None:
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "config.toml").write_text(
        '[server]\nmaxUploadSize = 7\ncookieSecret = "s"\n[theme.light]\nprimaryColor = "#ff0000"\n'
    )
    assert read_own_options()["server.maxUploadSize"] == 7
    serve(open_browser=False)
    assert not {"server.maxUploadSize", "theme.light.primaryColor"} & set(handed[0])
    assert "server.cookieSecret" not in handed[0]  # Streamlit reads it itself, and refuses it here
    assert handed[0]["theme.dark.primaryColor"].startswith("#")


def test_a_user_s_broken_file_is_named(handed: list[dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text("[server\n")
    with pytest.raises(AlexcoreError, match=r"config\.toml is not valid TOML"):
        serve(open_browser=False)
    assert not handed


def test_the_launcher_puts_no_module_of_ours_on_the_path(handed: list[dict[str, Any]]) -> None:
    """Its folder comes first on sys.path, and `datasets` or `figures` are others' names too."""
    serve(open_browser=False)
    package = Path(alexcore.__file__).parent
    assert not Path(sys.argv[0]).resolve().is_relative_to(package)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--address", "203.0.113.7"], "cannot listen at 203.0.113.7: "),
        (["--address", "not a host"], "cannot listen at not a host: "),
    ],
)
def test_an_address_that_is_not_ours_is_refused(
    handed: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    what: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["alexcore", "dashboard", *arguments])
    with pytest.raises(SystemExit):
        main()
    assert what in " ".join(capsys.readouterr().err.split())
    assert not handed


def test_folders_of_the_command_are_those_of_the_pages(
    handed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from alexcore import settings

    for name in ("RUNS", "PICTURES", "READ_ONLY"):  # so that what is set below is taken back
        monkeypatch.setenv(f"ALEXCORE_{name}", "")
    arguments = ["dashboard", "--runs", "r", "--pictures", "a", "--pictures", "b", "--read-only"]
    assert CliRunner().invoke(app, arguments, catch_exceptions=False).exit_code == 0
    assert settings.get_runs_folder() == tmp_path / "r"
    assert settings.get_picture_roots() == (tmp_path / "a", tmp_path / "b")
    assert settings.is_read_only()
    assert len(handed) == 1
