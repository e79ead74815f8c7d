"""What every page keeps: runs, models, pictures and what a model saw in them; the inference lock.

Nothing here imports torch until it is called, so that a page without a model appears at once.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st
from PIL import ImageColor

from alexcore.dashboard.permissions import refuse_writing
from alexcore.dashboard.session import IMAGENET, ImageChoice, ModelChoice
from alexcore.dashboard.tasks import progress_shown
from alexcore.images.preprocessing import Preset, to_input
from alexcore.runs.history import EpochRow, load_history
from alexcore.runs.run import Run, list_runs
from alexcore.settings import get_run_roots

if TYPE_CHECKING:
    import torch

    from alexcore.images.sandbox import Decoder, Picture
    from alexcore.inference.predictions import Prediction

RELEASED_AFTER = 1800
"""Seconds until a model and what it saw are let go; a text would make Streamlit load pandas."""


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

    @property
    def nodes(self) -> dict[str, str]:
        """{paper name: node}, in the order of computation."""
        return {label: node for node, label in self.labels.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a model computed for one picture.

    Attributes:
        activations: {node: (C, H, W) or (D,)} float32, read-only.
        predictions: The five likeliest classes.
    """

    activations: dict[str, npt.NDArray[np.float32]]
    predictions: tuple[Prediction, ...]


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
    """Return the chosen model, loaded once for all sessions; one's own stays with its session.

    Raises:
        CheckpointError: Its weights are missing, damaged or cannot be downloaded.
    """
    own = choice.own
    if own is not None:
        if own.loaded is None:
            classes = tuple(f"output {i}" for i in range(own.num_classes))
            own.loaded = _prepare(own.model, classes)
        return own.loaded
    fetch_weights(choice)
    return _load_model(choice.name, choice.digest, choice)


def fetch_weights(choice: ModelChoice) -> None:
    """Download the ImageNet weights with a progress bar, if they are chosen and not here.

    What loads a model within a cached function calls this before: no button may stand in one.

    Raises:
        CheckpointError: They cannot be downloaded.
    """
    if choice.name != IMAGENET:
        return
    from alexcore.weights.imagenet import fetch_imagenet, find_imagenet_file

    if find_imagenet_file().is_file():
        return
    refuse_writing("downloading weights")
    with progress_shown("Downloading the ImageNet weights ...") as say:
        fetch_imagenet(
            on_bytes=lambda done, total: say(
                done, total, f"ImageNet weights: {done / 1e6:.0f} of {total / 1e6:.0f} MB"
            )
        )


@st.cache_resource(max_entries=4, ttl=RELEASED_AFTER, show_spinner="Loading the model ...")
def _load_model(name: str, digest: str, _choice: ModelChoice) -> LoadedModel:
    import torch

    from alexcore.models import create_model
    from alexcore.weights.imagenet import list_imagenet_classes, load_imagenet_model
    from alexcore.weights.safetensors import load_model

    model: torch.nn.Module
    if _choice.run:
        model, classes = load_model(_choice.run), _choice.run.classes
    elif name == IMAGENET:
        model, classes = load_imagenet_model(), list_imagenet_classes()
    else:
        torch.manual_seed(0)
        model = create_model(_choice.spec.name).eval()
        classes = tuple(f"output {i}" for i in range(_choice.spec.num_classes))
    return _prepare(model, classes)


def _prepare(model: torch.nn.Module, classes: tuple[str, ...]) -> LoadedModel:
    """Make a model ready to answer, on the device."""
    from alexcore.inference.extract import create_extractor, list_nodes
    from alexcore.models.layer_names import name_layers

    device = get_device()
    model = model.to(device)
    nodes = list_nodes(model)
    names = name_layers(model)
    labels = {node: names.get(node, node) for node in nodes}
    return LoadedModel(model, create_extractor(model, nodes), labels, classes, device)


def get_picture(image: ImageChoice, preset: Preset) -> Picture:
    """Return the decoded picture.

    Raises:
        ImageError: The bytes are no picture, take too long, or break the decoder.
    """
    return _decode(image.key, preset, image)


@st.cache_resource(max_entries=48, show_spinner=False)
def _decode(key: str, preset: Preset, _image: ImageChoice) -> Picture:
    background = ImageColor.getrgb(_image.background)[:3]
    return get_decoder().decode(_image.data, background, preset)


@st.cache_resource(on_release=lambda decoder: decoder.close())
def get_decoder() -> Decoder:
    """Return what decodes pictures of strangers."""
    from alexcore.images.sandbox import Decoder

    return Decoder()


def get_seen(choice: ModelChoice, image: ImageChoice) -> Seen:
    """Return every node's output for the picture: one forward pass, kept for the next click.

    Raises:
        CheckpointError: The model cannot be loaded.
        ImageError: The bytes are no picture.
    """
    fetch_weights(choice)
    return _compute_seen(choice.name, choice.digest, image.key, choice, image)


@st.cache_resource(max_entries=24, ttl=RELEASED_AFTER, show_spinner="Looking at the picture ...")
def _compute_seen(
    name: str, digest: str, key: str, _choice: ModelChoice, _image: ImageChoice
) -> Seen:
    import torch

    from alexcore.devices import device_errors_named, run_or_fall_back
    from alexcore.inference.predictions import rank_classes

    loaded = get_model(_choice)
    picture = get_picture(_image, _choice.preset)

    def run(extractor: torch.nn.Module, device: torch.device) -> dict[str, torch.Tensor]:
        outputs: dict[str, torch.Tensor] = extractor(
            to_input(picture.pixels, _choice.preset, device)
        )
        return outputs

    with get_inference_lock(), device_errors_named(), torch.inference_mode():
        outputs = run_or_fall_back(loaded.extractor, loaded.device, run)
        arrays = {node: value[0].float().cpu().numpy() for node, value in outputs.items()}
    for array in arrays.values():
        array.flags.writeable = False
    logits = torch.tensor(arrays[list(loaded.labels)[-1]])
    return Seen(arrays, rank_classes(logits, loaded.classes))
