"""A build under blows: killed, read from meanwhile, shared by two processes."""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from alexcore.datasets.folder import scan_folder
from alexcore.errors import GalleryMissingError
from alexcore.images.preprocessing import Preprocessing
from alexcore.retrieval.build import build_gallery
from alexcore.retrieval.store import Entries, GalleryKey, load_entries
from alexcore.retrieval.stores import open_store

KEY = GalleryKey("creatures", "none", "means", Preprocessing(), "abc")

_BUILDER = """
import sys, time
from pathlib import Path
from alexcore.datasets.folder import scan_folder
from alexcore.retrieval.build import build_gallery
from alexcore.retrieval.stores import open_store
from tests.retrieval.test_build import KEY, embed
print("ready", flush=True)
store = open_store(sys.argv[1], KEY)
store.commit_rows = 3
build_gallery(store, scan_folder(Path(sys.argv[2])), embed)
"""


def embed(pixels: "np.ndarray") -> "np.ndarray":
    """Mean colours of 4 x 4 fields: as good as a net where only the building matters."""
    time.sleep(0.02)
    count, side = len(pixels), pixels.shape[1] // 4 * 4
    fields = pixels[:, :side, :side].reshape(count, 4, side // 4, 4, side // 4, 3)
    return np.asarray(fields.mean((2, 4)).reshape(count, -1), np.float32)


def _start(galleries: Path, pictures: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", _BUILDER, str(galleries), str(pictures)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def _load(galleries: Path) -> Entries | None:
    try:
        return load_entries(open_store(str(galleries), KEY))
    except GalleryMissingError:
        return None


def _kill_often(galleries: Path, creatures: Path, times: int) -> None:
    rng, known = random.Random(0), 0
    for _ in range(times):
        process = _start(galleries, creatures)
        time.sleep(rng.uniform(0.0, 0.35))
        process.kill()
        process.communicate()
        rows = _load(galleries)
        if rows is not None:
            assert len(set(rows.paths)) == len(rows.paths) >= known
            known = len(rows.paths)
    process = _start(galleries, creatures)
    process.communicate()
    assert process.returncode == 0


def _assert_undisturbed(galleries: Path, creatures: Path, tmp_path: Path) -> None:
    build_gallery(open_store(str(tmp_path / "calm"), KEY), scan_folder(creatures), embed)
    ours, calm = _load(galleries), _load(tmp_path / "calm")
    assert ours is not None and calm is not None
    assert (ours.paths, ours.labels, ours.digests) == (calm.paths, calm.labels, calm.digests)
    np.testing.assert_array_equal(ours.embeddings, calm.embeddings)


def test_a_killed_build_goes_on(creatures: Path, tmp_path: Path) -> None:
    _kill_often(tmp_path / "galleries", creatures, 3)
    _assert_undisturbed(tmp_path / "galleries", creatures, tmp_path)


@pytest.mark.slow
def test_a_build_killed_twenty_times_goes_on(creatures: Path, tmp_path: Path) -> None:
    _kill_often(tmp_path / "galleries", creatures, 20)
    _assert_undisturbed(tmp_path / "galleries", creatures, tmp_path)


def test_a_reader_sees_whole_commits_alone(creatures: Path, tmp_path: Path) -> None:
    """Commits of three, thirty pictures: never a number between, never fewer than before."""
    galleries, seen = tmp_path / "galleries", [0]
    store = open_store(str(galleries), KEY)
    store.commit_rows = 3
    writer = threading.Thread(target=build_gallery, args=(store, scan_folder(creatures), embed))
    writer.start()
    while writer.is_alive():
        rows = _load(galleries)
        if rows is not None:
            assert len(rows.paths) % 3 == 0
            assert rows.embeddings.shape == (len(rows.paths), 48)
            seen.append(len(rows.paths))
    writer.join()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3, "the reader came too late to see it grow"


def test_two_servers_building_one_gallery_do_not_double_it(creatures: Path, tmp_path: Path) -> None:
    """Neither knows of the other: both embed everything, and every picture is held once."""
    builders = [_start(tmp_path / "galleries", creatures) for _ in range(2)]
    for builder in builders:
        builder.communicate()
    assert [builder.returncode for builder in builders] == [0, 0]
    rows = _load(tmp_path / "galleries")
    assert rows is not None and sorted(set(rows.paths)) == sorted(rows.paths)
    assert len(rows.paths) == 30


def test_two_processes_fill_one_gallery(creatures: Path, tmp_path: Path) -> None:
    """torchrun, from the command line as the README has it."""
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    command += ["-m", "alexcore", "embed", "--data", str(creatures), "--split", "all"]
    environment = os.environ | {
        "ALEXCORE_DATA": str(tmp_path),
        "ALEXCORE_RUNS": str(tmp_path / "runs"),
        "MASTER_PORT": "0",
    }
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr
    assert "30 rows, 15 embedded" in done.stdout
    alone = [sys.executable, "-m", "alexcore", "embed", "--data", str(creatures), "--split", "all"]
    again = subprocess.run(alone, env=environment, capture_output=True, text=True, check=False)
    assert "30 rows, 0 embedded, 0 dropped" in again.stdout, again.stderr
