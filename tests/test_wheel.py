"""`pip install` gives the app: the wheel, in an environment of its own, from an empty folder."""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from playwright.sync_api import expect

from alexcore.settings import DEMO_RUN
from tests.browser.server import (
    NEEDS_CHROMIUM,
    PAGES,
    find_port,
    go_to,
    launch,
    open_page,
    run_server,
)

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the wheel, and an empty folder to stand in.

    Attributes:
        wheel: The file.
        scripts: Where its python and its alexcore lie.
        folder: The empty folder.
        environment: Variables with a home of its own and none of ours.
    """

    wheel: Path
    scripts: Path
    folder: Path
    environment: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.scripts / command[0]), *command[1:]], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip


def list_absent() -> list[str]:
    """Return the modules of the tests' environment that requirements.txt does not bring."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    todo = [(Requirement(line), "") for line in lines]
    kept: set[tuple[str, str]] = set()
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        for wanted in {"", *requirement.extras} - {e for n, e in kept if n == name}:
            kept.add((name, wanted))
            todo += [(Requirement(line), wanted) for line in requires(name) or ()]
    names = {name for name, _ in kept} | {"alexcore"}  # where it is installed for editing
    owners = packages_distributions().items()
    return sorted(m for m, by in owners if not names & {canonicalize_name(name) for name in by})


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel from its own site-packages; its libraries, by a .pth file, from the tests'.

    Another .pth hides what a plain install would not bring, such as the extras.
    """
    base = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", ".", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    subprocess.run([*pip, *build, "--wheel-dir", str(base)], cwd=ROOT, check=True)
    (wheel,) = base.glob("alexcore-*.whl")
    venv.create(base / "env")
    paths = {"base": str(base / "env"), "platbase": str(base / "env")}
    own = Path(sysconfig.get_path("purelib", "venv", paths))
    scripts = Path(sysconfig.get_path("scripts", "venv", paths))
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = ["install", "--no-deps", "--no-index", "--no-cache-dir", str(wheel)]
    subprocess.run([*pip, "--python", str(scripts / "python"), *install], check=True)
    (own / "absent.pth").write_text(
        f"import sys; sys.modules.update(dict.fromkeys({list_absent()!r}))\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ALEXCORE", "PYTHON"))}
    environment |= {"HOME": str(base / "home"), "XDG_DATA_HOME": str(base / "home" / "share")}
    for name in ("home", "empty"):
        (base / name).mkdir()
    return Installed(wheel, scripts, base / "empty", environment)


@pytest.fixture(autouse=True)
def nothing_left_behind(installed: Installed) -> Iterator[None]:
    yield
    assert not list(installed.folder.iterdir())


def test_the_wheel_carries_what_a_checkout_has_beside_the_package(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as file:
        carried = set(file.namelist())
    shipped = subprocess.run(
        ["git", "ls-files", "alexcore", "checkpoints", "pages", "sample_images"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    expected = {name if name.startswith("alexcore/") else f"alexcore/shipped/{name}"
                for name in shipped if (ROOT / name).is_file()}  # fmt: skip
    assert expected <= carried
    assert "alexcore/shipped/.streamlit/config.toml" in carried
    assert installed.wheel.stat().st_size < 50e6


def test_the_package_is_the_wheel_s_and_light(installed: Installed) -> None:
    code = (
        "import sys, json, alexcore, alexcore.settings as s; print(json.dumps([alexcore.__file__,"
        " str(s.get_data_folder()), str(s.get_runs_folder()), str(s.SHIPPED_RUNS),"
        " [m for m in ('torch', 'streamlit', 'numpy') if m in sys.modules]]))"
    )
    done = installed.run("python", "-c", code)
    assert done.returncode == 0, done.stderr
    file, data, runs, shipped, loaded = json.loads(done.stdout)
    ours = installed.scripts.parent
    assert Path(file).is_relative_to(ours) and not Path(file).is_relative_to(ROOT)
    assert Path(shipped).is_relative_to(ours) and Path(shipped, "half-b16-s1").is_dir()
    home = Path(installed.environment["HOME"])
    assert Path(data).is_relative_to(home) and Path(runs).is_relative_to(home)
    assert loaded == []


def test_a_plain_install_has_no_extras(installed: Installed) -> None:
    absent = set(list_absent())
    assert {"onnx", "pymilvus", "umap", "authlib", "tensorboard", "pytest"} <= absent
    assert not {"torch", "streamlit", "plotly", "lance", "scipy", "captum"} & absent
    code = "from alexcore.extras import *; print(has_extra('onnx'), describe_install('onnx'))"
    assert installed.run("python", "-c", code).stdout == 'False pip install "alexcore[onnx]"\n'


def test_commands_find_the_shipped_runs(installed: Installed) -> None:
    done = installed.run("alexcore", "inspect", "half", "--json")
    assert json.loads(done.stdout)["params"] > 0, done.stderr
    done = installed.run("alexcore", "search", "nowhere.png")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: there is no gallery creatures-train-{DEMO_RUN}-")


def test_a_taken_port_is_named_in_one_sentence(installed: Installed) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = installed.run("alexcore", "dashboard", "--no-open", "--port", str(port))
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert said.startswith(f"Error: cannot listen at localhost, port {port}: ")
    assert "Traceback" not in said


def test_without_a_port_a_free_one_is_found(installed: Installed) -> None:
    with ExitStack() as stack:
        try:
            taken = stack.enter_context(socket.create_server(("localhost", 8501)))
            taken.listen()
        except OSError:
            pass  # somebody else's is as good
        process = subprocess.Popen(
            [installed.scripts / "python", "-m", "alexcore", "dashboard", "--no-open"],
            cwd=installed.folder, env=installed.environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stderr is not None
            first = process.stderr.readline().split()
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert first[:2] == ["Inside", "AlexNet"]
    assert 8501 < int(first[2].rsplit(":", 1)[1]) <= 8601


@pytest.mark.browser
@NEEDS_CHROMIUM[1]
def test_five_pages_work_from_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    port, log = find_port(), tmp_path / "server.log"
    command = [str(installed.scripts / "alexcore"), "dashboard", "--no-open", "--port", str(port)]
    with (
        run_server(command, port, log, installed.folder, installed.environment) as server,
        launch() as browser,
        open_page(browser, server) as page,
    ):
        for name in PAGES:
            go_to(page, name)
            for kind in ("stException", "stAlertContentError"):
                assert page.get_by_test_id(kind).count() == 0, name
            expect(page.get_by_test_id("stSidebarNav")).to_be_visible()
        go_to(page, "Feature maps")
        expect(page.get_by_alt_text("All 48 channels of relu1 for brook")).to_be_visible()
        colour = "node => getComputedStyle(node).backgroundColor"
        assert page.get_by_test_id("stApp").evaluate(colour) == "rgb(252, 252, 250)"  # our theme's
    said = log.read_text()
    home = installed.environment["HOME"]
    assert f"http://localhost:{port}" in said
    assert f"runs  {home}" in said and f"data  {home}" in said
    assert "WARNING" not in said
