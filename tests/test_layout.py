"""Imports run one way, and what must appear at once does not wait for torch."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]

LAYERS = [
    ("alexcore.errors", "alexcore.files", "alexcore.settings", "alexcore.devices"),
    ("alexcore.images",),
    ("alexcore.models", "alexcore.datasets", "alexcore.runs"),
    ("alexcore.weights",),
    ("alexcore.inspection", "alexcore.features", "alexcore.training"),
    ("alexcore.retrieval",),
    ("alexcore.figures",),
    ("alexcore.reports",),
    ("alexcore.cli",),
    ("alexcore.dashboard",),
    ("pages",),
]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("alexcore", "pages", include_external_packages=True)


def _level(module: str) -> int | None:
    for level, names in enumerate(LAYERS):
        if any(module == name or module.startswith(name + ".") for name in names):
            return level
    return None


def test_imports_run_one_way(graph: grimp.ImportGraph) -> None:
    wrong = []
    for module in graph.modules:
        level = _level(module)
        for imported in graph.find_modules_directly_imported_by(module):
            below = _level(imported)
            if level is not None and below is not None and below > level:
                wrong.append(f"{module} imports {imported}")
    assert not wrong


def test_every_module_has_a_place(graph: grimp.ImportGraph) -> None:
    ours = {m for m in graph.modules if m.split(".")[0] in ("alexcore", "pages")}
    unplaced = {m for m in ours if _level(m) is None}
    assert unplaced == {"alexcore", "alexcore.__main__"}


def test_the_package_does_not_know_streamlit(graph: grimp.ImportGraph) -> None:
    users = graph.find_modules_that_directly_import("streamlit")
    assert users
    assert not {module for module in users if not module.startswith("alexcore.dashboard")}


def test_figures_do_not_import_torch(graph: grimp.ImportGraph) -> None:
    chain = graph.find_shortest_chain("alexcore.figures.curves", "torch")
    assert chain is None
    assert graph.find_shortest_chain("alexcore.figures.sprites", "torch") is None


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_does_not_import_torch() -> None:
    code = (
        "import sys, alexcore, alexcore.models, alexcore.runs.run, alexcore.datasets.creatures,"
        " alexcore.runs.config, alexcore.reports.preview; print('torch' in sys.modules)"
    )
    assert _run(code) == "False"


def test_pages_draw_their_title_before_torch_is_there() -> None:
    folder = ROOT / "alexcore" / "dashboard"
    files = [path.relative_to(ROOT) for path in folder.glob("*/page.py")]
    assert len(files) == 5
    modules = ", ".join(".".join(file.with_suffix("").parts) for file in files)
    assert _run(f"import sys, {modules}; print('torch' in sys.modules)") == "False"


def test_the_first_title_waits_for_few_libraries() -> None:
    code = (
        "import sys, alexcore.dashboard.app; print({'pandas', 'loky', 'lance'} & set(sys.modules))"
    )
    assert _run(code) == "set()"


def test_overview_does_not_import_torch() -> None:
    """The warm-up starts after the page is drawn, so it is put off here."""
    code = (
        "import sys, threading\n"
        "threading.Timer.start = lambda self: None\n"
        "from streamlit.testing.v1 import AppTest\n"
        "at = AppTest.from_file('alexcore/dashboard/main.py', default_timeout=60).run()\n"
        "assert not at.exception, at.exception\n"
        "assert at.title[0].value == 'Inside AlexNet'\n"
        "print('torch' in sys.modules or 'torchvision' in sys.modules)"
    )
    assert _run(code).splitlines()[-1] == "False"
