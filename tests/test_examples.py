"""What `examples/` shows runs as it stands there."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]


def test_the_walk_through_the_library_runs() -> None:
    command = [sys.executable, "-m", "examples.look_inside"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "half-b16-s1: half on creatures, x is (1, 3, 227, 227)"
    assert "fc6    (1, 2048)               9,439,232 parameters" in lines
    assert any(line.startswith("volt ") for line in lines)


@pytest.mark.parametrize("name", ["look_inside", "own_loop"])
def test_the_notebooks_run(
    name: str, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXCORE_DATA", str(data_folder))
    monkeypatch.setenv("ALEXCORE_RUNS", str(tmp_path))
    book = nbformat.read(ROOT / "examples" / f"{name}.ipynb", as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [
        output["data"].keys()
        for cell in book.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    widgets = sum("application/vnd.jupyter.widget-view+json" in kinds for kinds in shown)
    assert widgets == (3 if name == "look_inside" else 0)
    assert len(shown) == (5 if name == "look_inside" else 2)
