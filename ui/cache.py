"""Every cache of the dashboard, each bounded, and the one lock around inference.

Nothing here imports torch until it is called, so that a page without a model appears at once.
"""

from __future__ import annotations

import atexit
import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import Image

from alexcore.checkpoints import Run, list_runs
from alexcore.images import load_image
from alexcore.paths import get_galleries_folder, get_run_roots
from alexcore.training.history import EpochRow, load_history
from alexcore.transforms import Preset, to_array
from ui.state import IMAGENET, ImageChoice, ModelChoice, list_samples, load_image_choice

if TYPE_CHECKING:
    import plotly.graph_objects as go
    import torch

    from alexcore.extraction.methods import Method
    from alexcore.extraction.prediction import Prediction
    from alexcore.inspection.compare import Comparison
    from alexcore.inspection.trace import Trace, View
    from alexcore.inspection.weight_statistics import WeightStatistics
    from alexcore.retrieval.gallery import GalleryKey, Rows
    from alexcore.retrieval.search import Searcher

_DISPLAY_SIDE = 900


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model ready to answer, shared by all sessions and never changed.

    Attributes:
        model: In evaluation mode on ``device``.
        extractor: Maps x to the outputs of all nodes.
        labels: {node: paper name}, in the order of computation.
        classes: Labels of the outputs.
        device: Where it computes.
    """

    model: torch.nn.Module
    extractor: torch.nn.Module
    labels: dict[str, str]
    classes: tuple[str, ...]
    device: torch.device


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model computed for one picture.

    Attributes:
        activations: {node: (C, H, W) or (D,)} float32, read-only.
        predictions: The five likeliest classes.
    """

    activations: dict[str, npt.NDArray[np.float32]]
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: what the net receives, and one to show.

    Attributes:
        pixels: (crop, crop, 3) uint8.
        display: At most 900 pixels on a side.
        size: Width and height of the original.
    """

    pixels: npt.NDArray[np.uint8]
    display: Image.Image
    size: tuple[int, int]


@st.cache_resource
def get_inference_lock() -> threading.Lock:
    """Return the lock that makes sessions take turns on the device."""
    return threading.Lock()


@st.cache_data(ttl=5, show_spinner=False)
def get_runs() -> tuple[list[Run], list[str]]:
    """Return the runs on disk and what could not be read, looked up every five seconds."""
    return list_runs(*get_run_roots())


@st.cache_data(ttl=5, max_entries=64, show_spinner=False)
def get_history(_run: Run, folder: str) -> list[EpochRow]:
    """Return a run's rows; ``folder`` is the key."""
    return load_history(_run.history_file)


@st.cache_data(ttl=30, max_entries=4, show_spinner=False)
def list_training_pictures(folder: str) -> list[str]:
    """Return the paths of the drawn demo set's pictures below its folder."""
    return sorted("/".join(path.parts[-2:]) for path in Path(folder).glob("*/*.png"))


@st.cache_resource
def get_device() -> torch.device:
    """Return the device everything runs on."""
    from alexcore.devices import select_device

    return select_device()


def get_model(choice: ModelChoice) -> LoadedModel:
    """Return the chosen model, loaded once for all sessions.

    Raises:
        CheckpointError: Its weights are missing, damaged or cannot be downloaded.
    """
    return _load_model(choice.name, choice.digest, choice)


@st.cache_resource(max_entries=4, show_spinner="Loading the model ...")
def _load_model(name: str, digest: str, _choice: ModelChoice) -> LoadedModel:
    import torch

    from alexcore.extraction.activations import create_extractor, list_nodes
    from alexcore.models import create_model
    from alexcore.models.imagenet import list_imagenet_classes, load_imagenet_model
    from alexcore.models.layers import name_layers
    from alexcore.weights import load_model

    if _choice.run:
        model, classes = load_model(_choice.run), _choice.run.classes
    elif name == IMAGENET:
        model, classes = load_imagenet_model(), list_imagenet_classes()
    else:
        torch.manual_seed(0)
        model = create_model(_choice.spec.name).eval()
        classes = tuple(f"output {i}" for i in range(_choice.spec.num_classes))
    device = get_device()
    model = model.to(device)
    nodes = list_nodes(model)
    names = name_layers(model)
    labels = {node: names.get(node, node) for node in nodes}
    return LoadedModel(model, create_extractor(model, nodes), labels, classes, device)


def get_picture(image: ImageChoice, preset: Preset) -> Picture:
    """Return the decoded picture.

    Raises:
        ImageError: The bytes are no picture.
    """
    return _decode(image.sha256, preset, image.data)


@st.cache_resource(max_entries=48, show_spinner=False)
def _decode(sha256: str, preset: Preset, _data: bytes) -> Picture:
    image = load_image(_data)
    display = image.copy()
    display.thumbnail((_DISPLAY_SIDE, _DISPLAY_SIDE))
    return Picture(to_array(image, preset), display, image.size)


def get_seen(choice: ModelChoice, image: ImageChoice) -> Seen:
    """Return every node's output for the picture: one forward pass, kept for the next click.

    Raises:
        CheckpointError: The model cannot be loaded.
        ImageError: The bytes are no picture.
    """
    return _compute_seen(choice.name, choice.digest, image.sha256, choice, image)


@st.cache_resource(max_entries=24, show_spinner="Looking at the picture ...")
def _compute_seen(
    name: str, digest: str, sha256: str, _choice: ModelChoice, _image: ImageChoice
) -> Seen:
    import torch

    from alexcore.extraction.prediction import rank_classes
    from alexcore.transforms import normalise

    loaded = get_model(_choice)
    picture = get_picture(_image, _choice.preset)
    with get_inference_lock(), torch.inference_mode():
        pixels = torch.from_numpy(picture.pixels.copy()).unsqueeze(0).to(loaded.device)
        outputs = loaded.extractor(normalise(pixels, _choice.preset))
        arrays = {node: value[0].float().cpu().numpy() for node, value in outputs.items()}
    for array in arrays.values():
        array.flags.writeable = False
    logits = torch.tensor(arrays[list(loaded.labels)[-1]])
    return Seen(arrays, rank_classes(logits, loaded.classes))


def get_layer_view(choice: ModelChoice, node: str) -> View | None:
    """Return what a cell of a node of the chosen model sees."""
    run = choice.run
    classes, hidden = (len(run.classes), run.hidden) if run else (None, None)
    return get_trace(choice.spec.name, choice.preset.crop, 1, classes, hidden).find(node).view


def get_limits(choice: ModelChoice) -> dict[str, tuple[float, float]]:
    """Return {node: (least, greatest)} over all sample pictures, the fixed range of a layer."""
    return _find_limits(choice.name, choice.digest, choice)


@st.cache_data(max_entries=8, show_spinner="Looking at all samples ...")
def _find_limits(name: str, digest: str, _choice: ModelChoice) -> dict[str, tuple[float, float]]:
    limits: dict[str, tuple[float, float]] = {}
    for sample in list_samples():
        seen = get_seen(_choice, load_image_choice(sample))
        for node, values in seen.activations.items():
            low, high = limits.get(node, (float("inf"), float("-inf")))
            limits[node] = (min(low, float(values.min())), max(high, float(values.max())))
    return limits


def compute_class_heatmap(
    choice: ModelChoice,
    image: ImageChoice,
    target: int,
    method: Method,
    on_progress: Callable[[int, int], object],
) -> npt.NDArray[np.float32]:
    """Return which pixels speak for a class, (H, W) in [-1, 1], kept for the next look.

    Raises:
        CheckpointError: The model cannot be loaded.
        ImageError: The bytes are no picture.
    """
    key = (choice.name, choice.digest, image.sha256)
    return _compute_heatmap(key, target, method, choice, image, on_progress)


@st.cache_data(max_entries=64, show_spinner=False)
def _compute_heatmap(
    key: tuple[str, str, str],
    target: int,
    method: Method,
    _choice: ModelChoice,
    _image: ImageChoice,
    _on_progress: Callable[[int, int], object],
) -> npt.NDArray[np.float32]:
    import torch

    from alexcore.extraction.attribution import compute_heatmap
    from alexcore.transforms import normalise

    loaded = get_model(_choice)
    pixels = get_picture(_image, _choice.preset).pixels
    with get_inference_lock():
        x = normalise(
            torch.from_numpy(pixels.copy()).unsqueeze(0).to(loaded.device), _choice.preset
        )
        return compute_heatmap(loaded.model, x, target, method, _on_progress)


@st.cache_data(max_entries=256, show_spinner=False)
def get_trace(
    name: str,
    input_size: int,
    batch: int = 1,
    num_classes: int | None = None,
    hidden: int | None = None,
) -> Trace:
    """Return the layer table of a variant.

    Raises:
        ModelError: The size does not fit.
    """
    from alexcore.inspection.trace import trace_variant

    return trace_variant(name, input_size, batch, num_classes, hidden)


@st.cache_data(show_spinner=False)
def get_input_sizes(low: int, high: int) -> dict[str, tuple[int, ...]]:
    """Return the sizes each variant accepts."""
    from alexcore.models import get_config, list_models
    from alexcore.models.sizes import list_input_sizes

    return {spec.name: list_input_sizes(get_config(spec.name), low, high) for spec in list_models()}


@st.cache_data(show_spinner=False)
def list_torchvision_names() -> list[str]:
    """Return the names of torchvision's classification networks."""
    import torchvision

    return list(torchvision.models.list_models(module=torchvision.models))


@st.cache_data(max_entries=64, show_spinner="Tracing ...")
def get_comparison(left: str, right: str, num_classes: int, hidden: int) -> Comparison:
    """Return two nets side by side.

    Args:
        left: A variant, ``"run NAME"`` or ``"torchvision NAME"``.
        right: Likewise.
        num_classes: Of the variants.
        hidden: Width of fc6 and fc7 of the variants.

    Raises:
        ModelError: A name is unknown or torch.fx cannot follow the net.
    """
    from alexcore.inspection.compare import compare_traces

    traces = (_trace_any(name, num_classes, hidden) for name in (left, right))
    return compare_traces(*traces)


def _trace_any(name: str, num_classes: int, hidden: int) -> Trace:
    from alexcore.inspection.trace import trace_torchvision, trace_variant

    kind, _, rest = name.partition(" ")
    if kind == "run":
        run = next(run for run in get_runs()[0] if run.name == rest)
        return trace_variant(run.model, run.preset.crop, 1, len(run.classes), run.hidden)
    if kind == "torchvision" and rest:
        return trace_torchvision(rest)
    return trace_variant(name, None, 1, num_classes, hidden)


@dataclass(frozen=True, slots=True)
class WeightFacts:
    """A layer's weights in numbers, as a histogram, and for conv1 as pictures."""

    statistics: WeightStatistics
    histogram: go.Figure
    wall: bytes | None


def get_weight_facts(choice: ModelChoice, node: str) -> WeightFacts:
    """Return what is known of the weights of a node of the chosen model.

    Raises:
        CheckpointError: The weights are missing or damaged.
    """
    return _compute_weight_facts(choice.name, choice.digest, node, choice)


@st.cache_resource(max_entries=64, show_spinner=False)
def _compute_weight_facts(name: str, digest: str, node: str, _choice: ModelChoice) -> WeightFacts:
    from alexcore.figures.bars import plot_histogram
    from alexcore.figures.kernels import create_kernel_wall
    from alexcore.figures.palette import get_model_colour
    from alexcore.figures.sprites import encode_png
    from alexcore.inspection.weight_statistics import compute_weight_statistics

    loaded = get_model(_choice)
    weights = loaded.model.get_parameter(f"{node}.weight").detach().cpu()
    first = loaded.labels[node] == "conv1"
    wall = encode_png(create_kernel_wall(weights.numpy())) if first else None
    found = compute_weight_statistics(weights)
    figure = plot_histogram(found.counts, found.edges, get_model_colour(_choice.spec.name))
    return WeightFacts(found, figure, wall)


def prepare_export(choice: ModelChoice, kind: str) -> bytes:
    """Return the chosen model as an ``onnx`` or ``safetensors`` file.

    Raises:
        CheckpointError: The weights are missing or damaged.
        ModelError: ONNX cannot express the model.
    """
    from copy import deepcopy

    from safetensors.torch import save

    from alexcore.inspection.export import export_onnx

    model = deepcopy(get_model(choice).model).cpu()
    if kind == "onnx":
        return export_onnx(model, choice.preset.crop)
    return save(model.state_dict())


@dataclass(frozen=True, slots=True)
class OpenGallery:
    """A gallery in memory with its matrix on the device."""

    rows: Rows
    searcher: Searcher


def get_gallery(key: GalleryKey) -> OpenGallery:
    """Return a gallery, read again when it was written to.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    from alexcore.retrieval.gallery import find_version

    return _open_gallery(key.name, find_version(get_galleries_folder(), key), key)


@st.cache_resource(max_entries=4, show_spinner="Opening the gallery ...")
def _open_gallery(name: str, version: int, _key: GalleryKey) -> OpenGallery:
    from alexcore.retrieval.gallery import load_rows
    from alexcore.retrieval.search import Searcher

    rows = load_rows(get_galleries_folder(), _key)
    return OpenGallery(rows, Searcher(rows.embeddings, get_device()))


@st.cache_data(max_entries=64, show_spinner=False)
def _load_thumbnails(
    name: str, digest: str, paths: tuple[str, ...], _key: GalleryKey
) -> dict[str, bytes]:
    from alexcore.retrieval.gallery import load_thumbnails

    return load_thumbnails(get_galleries_folder(), _key, paths)


def get_thumbnails(key: GalleryKey, paths: tuple[str, ...]) -> dict[str, bytes]:
    """Return {path: WebP file} of a gallery.

    Raises:
        GalleryError: It is missing, damaged, or made with other weights.
    """
    return _load_thumbnails(key.name, key.weights_digest, paths, key)


@st.cache_resource
def start_warm_up() -> threading.Thread:
    """Import what the other pages need while the first is being read."""
    thread = threading.Timer(0.5, _warm_up)
    thread.daemon = True
    thread.start()
    return thread


def _warm_up() -> None:
    """Import the slow libraries, then take their objects out of garbage collection.

    Streamlit collects garbage after every run of a script. With torch and its company loaded one
    collection takes a fifth of a second, during which no session gets an answer; frozen objects
    are not looked at again.
    """
    import lance  # noqa: F401
    import plotly.graph_objects  # noqa: F401

    import alexcore.extraction.activations
    import alexcore.inspection.reports
    import alexcore.inspection.trace
    import alexcore.weights  # noqa: F401
    from alexcore.models import create_model

    create_model("half", hidden=1)  # what torch itself imports on first use
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # so that libraries see their objects go at the end
