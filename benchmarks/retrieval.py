"""Retrieval: search against memory bandwidth and scikit-learn, indexes against exact, building."""

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.neighbors import NearestNeighbors

from alexcore.datasets.creatures import create_creatures
from alexcore.datasets.folder import scan_folder
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_array
from alexcore.inference.embeddings import create_pixel_embedder
from alexcore.models import create_model
from alexcore.models.layer_names import find_last_hidden
from alexcore.retrieval.build import build_gallery, create_thumbnail
from alexcore.retrieval.exact import Searcher
from alexcore.retrieval.index import Method, create_index, measure_recall
from alexcore.retrieval.store import Entry, GalleryKey
from alexcore.retrieval.stores import open_store
from alexcore.settings import get_creatures_folder
from benchmarks.limits import time_median
from benchmarks.table import Row

_WIDTH = 2048
_CPU = torch.device("cpu")
_KEY = GalleryKey("benchmark", "none", "noise", Preprocessing(), "0")
_METHODS: tuple[Method, ...] = ("projection", "binary codes")
_OPEN = """
import sys, time; began = time.perf_counter()
import torch
from alexcore.retrieval.exact import Searcher
from alexcore.retrieval.store import load_entries
from alexcore.retrieval.stores import open_store
from benchmarks.retrieval import _KEY, read_peak
rows = load_entries(open_store(sys.argv[1], _KEY))
Searcher(rows.embeddings, torch.device("cpu")).search(torch.zeros(2048), 10)
print(time.perf_counter() - began, read_peak())
"""


def measure_retrieval() -> list[Row]:
    """Return search, index, building and opening."""
    figures = []
    rows = create_rows(100_000)
    for count in (1_000, 10_000, 100_000):
        figures += _measure_exact(rows[:count])
    figures += _measure_indexes(rows)
    with tempfile.TemporaryDirectory() as scratch:
        figures += _measure_opening(rows, Path(scratch))
        figures += _measure_building(Path(scratch))
    return figures


def create_rows(count: int) -> npt.NDArray[np.float32]:
    """Overlapping clusters in sixty directions with noise in all, cut at zero, (count, 2048)."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((200, _WIDTH), dtype=np.float32)
    directions = rng.standard_normal((60, _WIDTH), dtype=np.float32) / 8
    rows = np.empty((count, _WIDTH), np.float32)
    for start in range(0, count, 10_000):
        part = rows[start : start + 10_000]
        part[:] = centres[rng.integers(0, 200, len(part))]
        part += rng.standard_normal((len(part), 60), dtype=np.float32) @ directions
        part += 0.3 * rng.standard_normal(part.shape, dtype=np.float32)
        np.maximum(part, 0, out=part)
    return rows


def _measure_exact(rows: npt.NDArray[np.float32]) -> list[Row]:
    """Exact top ten, whose floor is the time to read the matrix once."""
    searcher, count = Searcher(rows, _CPU), len(rows)
    queries = iter(rows[np.random.default_rng(1).integers(0, count, 500)])
    matrix = torch.from_numpy(rows)
    floor = time_median(lambda: matrix.sum(), 21)
    ours = time_median(lambda: searcher.search(torch.from_numpy(next(queries)), 10), 21)
    model = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(rows)
    theirs = time_median(lambda: model.kneighbors(next(queries)[None]), 7)
    large = count == 100_000
    name = f"exact ten nearest of {count:,}"
    return [
        Row(name, ours * 1e3, "ms", "reading the matrix once", floor * 1e3,
               "≤ 1.2" if large else ""),
        Row(name, ours * 1e3, "ms", "scikit-learn brute force", theirs * 1e3,
               "≤ 1/7" if large else ""),
    ]  # fmt: skip


def _measure_indexes(rows: npt.NDArray[np.float32]) -> list[Row]:
    searcher = Searcher(rows, _CPU)
    figures = []
    for method in _METHODS:
        began = time.perf_counter()
        index = create_index(searcher, method, "euclidean")
        built = time.perf_counter() - began
        found = measure_recall(index, searcher, "euclidean", queries=60)
        name = f"{method}, ten nearest of {len(rows):,}, recall {found.recall:.3f}"
        figures += [
            Row(name, found.seconds * 1e3, "ms", "exact search", found.exact_seconds * 1e3,
                   "≤ 0.5 at recall ≥ 0.99"),
            Row(f"{method}, built", built, "s", "one exact search", found.exact_seconds),
        ]  # fmt: skip
    return figures


def _measure_opening(rows: npt.NDArray[np.float32], folder: Path) -> list[Row]:
    """A new process from its start to the first answer, and its memory."""
    store = open_store(str(folder), _KEY)
    for start in range(0, 10_000, 2_000):
        part = [
            Entry(f"{i:06d}.png", "a", f"{i:064d}", b"webp", rows[i])
            for i in range(start, start + 2_000)
        ]
        store.add(part, folder)
    command = [sys.executable, "-c", _OPEN, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, peak = map(float, done.stdout.split())
    bare = "import time; b = time.perf_counter(); import torch; t = time.perf_counter() - b; "
    bare += "from benchmarks.retrieval import read_peak; print(t, read_peak())"
    base = subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True, check=True)
    least, least_peak = map(float, base.stdout.split())
    return [
        Row("10,000 rows, cold start to first answer", seconds, "s", "import torch", least),
        Row("10,000 rows, peak memory above the imports", peak - least_peak, "MB",
               "the matrix itself", 10_000 * _WIDTH * 4 / 2**20),
    ]  # fmt: skip


def read_peak() -> float:
    """Return this process's largest resident memory in MB; rusage would count its parent's."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def _measure_building(folder: Path) -> list[Row]:
    """Embedding from files against forward passes alone, and against decoding plus those."""
    pictures = scan_folder(create_creatures(get_creatures_folder()))
    model = create_model("full", num_classes=5).eval()
    embed = create_pixel_embedder(model, find_last_hidden(model), Preprocessing(), _CPU)
    few = [item.path for item in pictures.items[:128]]
    images = [load_image(pictures.root / path) for path in few]
    crops = np.stack([to_array(image, Preprocessing()) for image in images])
    forward = len(few) / time_median(
        lambda: [embed(crops[start : start + 32]) for start in range(0, len(few), 32)], 3
    )
    began = time.perf_counter()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda path: _decode(pictures.root / path), few))
    decode = len(few) / (time.perf_counter() - began)
    began = time.perf_counter()
    store = open_store(str(folder), GalleryKey("creatures", "full", "hidden", Preprocessing(), "0"))
    report = build_gallery(store, pictures, embed)
    rate = report.rows / (time.perf_counter() - began)
    return [
        Row("embedding pictures from disk with full", rate, "images/s", "forward passes alone",
               forward, "≥ 0.9"),
        Row("embedding pictures from disk with full", rate, "images/s",
               "decoding, then forward passes, all cores for each",
               1 / (1 / forward + 1 / decode), "≥ 0.9"),
    ]  # fmt: skip


def _decode(path: Path) -> None:
    image = load_image(path)
    create_thumbnail(image)
    to_array(image, Preprocessing())
