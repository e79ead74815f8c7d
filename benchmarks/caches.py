"""What the server keeps, as Streamlit's own metrics report it after a walk over the pages."""

import re
import tempfile
import urllib.request
from pathlib import Path

import torch

from alexcore.images.decode import WHITE
from alexcore.images.preprocessing import to_input
from alexcore.images.sandbox import prepare_picture
from alexcore.inference.extract import extract_activations, list_nodes
from alexcore.models.layer_names import find_last_hidden
from alexcore.retrieval.store import GalleryKey, load_entries
from alexcore.retrieval.stores import open_store
from alexcore.runs.run import load_run
from alexcore.settings import SAMPLE_IMAGES, SHIPPED_RUNS, get_data_folder, get_galleries_uri
from alexcore.weights.safetensors import load_model
from benchmarks.sessions import find_server
from benchmarks.table import Row
from tests.browser.server import launch, serve, settle

_WALK = {
    "feature_maps": "Feature maps",
    "feature_maps?fview=Why": "Feature maps",
    "retrieval": "Retrieval",
    "retrieval?rview=Map": "Retrieval",
    "retrieval?rview=Figure+4": "Retrieval",
    "retrieval?rview=Quality": "Retrieval",
    "architecture": "Architecture",
    "training": "Training",
}
_LINE = re.compile(r"^(\w+)\{(.*?)\} ([\d.e+-]+)$", re.MULTILINE)


def measure_caches() -> list[Row]:
    """Return time and memory of each cached thing, the costliest first."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(Path(scratch), get_data_folder().resolve()) as server,
        launch() as browser,
    ):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        for path, title in _WALK.items():
            page.goto(f"{server.url}/{path}")
            settle(page, title)
        with urllib.request.urlopen(f"{server.url}/_stcore/metrics") as answer:
            metrics = answer.read().decode()
        memory = find_server(server.url).memory_info().rss
    return _list_times(metrics) + _list_sizes(metrics, memory)


def _read(metrics: str, family: str) -> dict[str, float]:
    """Return {cached function: value} of one family of the metrics."""
    found = {}
    for name, labels, value in _LINE.findall(metrics):
        cache = re.search(r'cache="alexcore\.dashboard\.([^"]+)"', labels)
        if name == family and cache:
            found[cache[1]] = float(value)
    return found


def _list_times(metrics: str) -> list[Row]:
    seconds = _read(metrics, "cache_compute_duration_seconds_sum")
    counts = _read(metrics, "cache_compute_duration_seconds_count")
    whole = sum(seconds.values())
    return [
        Row(f"cached {name}, computed {counts[name]:.0f} times", spent * 1e3, "ms",
            "all that is cached", whole * 1e3)
        for name, spent in sorted(seconds.items(), key=lambda pair: -pair[1])
        if spent > 1e-3
    ]  # fmt: skip


def _list_sizes(metrics: str, memory: int) -> list[Row]:
    sizes = _read(metrics, "cache_memory_bytes") | _size_resources()
    return [
        Row(f"cached {name}", size / 1e6, "MB", "the server's memory", memory / 1e6)
        for name, size in sorted(sizes.items(), key=lambda pair: -pair[1])
        if size > 1e5
    ]


def _size_resources() -> dict[str, float]:
    """Return the bytes of one entry of what Streamlit only counts: arrays and tensors."""
    run = load_run(SHIPPED_RUNS / "half-b16-s1")
    model = load_model(run)
    picture = prepare_picture((SAMPLE_IMAGES / "brook.png").read_bytes(), WHITE, run.preprocessing)
    nodes = {node: node for node in list_nodes(model)}
    seen = extract_activations(
        model, to_input(picture.pixels, run.preprocessing, torch.device("cpu")), nodes
    )
    key = GalleryKey(
        "creatures",
        run.name,
        find_last_hidden(model),
        run.preprocessing,
        run.weights_digest or "",
        "train",
    )
    rows = load_entries(open_store(get_galleries_uri(), key))
    return {
        "caching._load_shared, one": sum(weight.nbytes for weight in model.parameters()),
        "caching._compute_inference, one": sum(value.nbytes for value in seen.values()),
        "caching.get_picture, one": picture.pixels.nbytes + len(picture.display.tobytes()),
        "retrieval.galleries._open_gallery, one": rows.embeddings.nbytes,
    }
