"""What `examples/` shows runs as it stands there."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_walk_through_the_library_runs() -> None:
    command = [sys.executable, "-m", "examples.look_inside"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "half-b16-s1: half on creatures, x is (1, 3, 227, 227)"
    assert "fc6    (1, 2048)               9,439,232 parameters" in lines
    assert any(line.startswith("volt ") for line in lines)
