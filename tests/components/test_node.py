"""The geometry of the components' JavaScript, by ``node --test``."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
COMPONENTS = FOLDER.parents[1] / "alexcore" / "dashboard" / "components"


@pytest.mark.skipif(
    shutil.which("node") is None and os.environ.get("CI") != "true",
    reason="no node on this machine: install Node 20 or later to run these",
)
def test_the_javascript_of_the_components() -> None:
    files = [str(path) for path in sorted(FOLDER.glob("*.test.mjs"))]
    assert len(files) == 5
    done = subprocess.run(
        ["node", "--test", *files], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_component_has_its_three_files() -> None:
    folders = [path.parent for path in COMPONENTS.glob("*/__init__.py")]
    assert len(folders) == 6
    for folder in folders:
        assert (folder / f"{folder.name}.js").is_file() and (
            folder / f"{folder.name}.css"
        ).is_file()
