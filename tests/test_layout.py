"""Imports run one way, and what must appear at once does not wait for torch."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = [c["id"] for c in PROJECT["tool"]["importlinter"]["contracts"]]


def _lint(folder: Path) -> str:
    """Return what import-linter says of the contracts in pyproject.toml."""
    code = "import sys; from importlinter.cli import lint_imports_command as c; c(['--no-logo'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    return done.stdout


def test_imports_keep_the_contracts() -> None:
    assert {"one-way", "dashboard", "streamlit", "figures", "light"} <= set(CONTRACTS)
    said = _lint(ROOT)
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said, said


def test_contracts_break_where_an_import_breaks_them(tmp_path: Path) -> None:
    """One import against each contract, in a copy."""
    for name in ("alexcore", "pages", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, tmp_path / name)
    for module, line in {
        "alexcore/figures/palette.py": "import alexcore.devices",  # which imports torch
        "alexcore/runs/history.py": "import torchvision",
        "alexcore/images/decode.py": "import streamlit",
        "alexcore/weights/untrusted.py": "import alexcore.training.data",
        "alexcore/reports/preview.py": "import alexcore.dashboard.session",
    }.items():
        with (tmp_path / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    said = _lint(tmp_path)
    assert f"Contracts: 0 kept, {len(CONTRACTS)} broken." in said, said


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_does_not_import_torch() -> None:
    code = (
        "import sys, alexcore, alexcore.models, alexcore.runs.run, alexcore.datasets.creatures,"
        " alexcore.runs.config, alexcore.reports.preview, alexcore.training.job;"
        " print('torch' in sys.modules)"
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
