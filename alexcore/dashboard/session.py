"""What is selected: a model and an image, their session keys, and the pictures one uploaded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.images.preprocessing import Preset
from alexcore.models import ModelSpec, get_spec, list_models
from alexcore.runs.run import Run
from alexcore.settings import SAMPLE_IMAGES

if TYPE_CHECKING:
    from torch import nn

    from alexcore.dashboard.caching import LoadedModel

MODEL_KEY, IMAGE_KEY, UPLOADER_KEY = "model", "image", "uploader"
IMAGENET = "imagenet"
_UNTRAINED = "untrained-"
_MAX_UPLOADS, _MAX_UPLOADED_BYTES, _MAX_MODELS = 24, 150_000_000, 2


@dataclass(slots=True)
class OwnModel:
    """A model of weights a session brought; it is kept here alone and ends with the session.

    Attributes:
        model: Holds the uploaded tensors themselves, in evaluation mode.
        num_classes: Its outputs.
        hidden: Width of fc6 and fc7.
        loaded: Ready to answer, once a page has asked.
    """

    model: nn.Module
    num_classes: int
    hidden: int
    loaded: LoadedModel | None = None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One entry of the model picker.

    Attributes:
        name: What the picker and the URL show.
        spec: The variant.
        run: The training it comes from, None for ImageNet and untrained nets.
        digest: Tells its weights from all others.
        own: Of weights this session brought, None for others.
    """

    name: str
    spec: ModelSpec
    run: Run | None
    digest: str
    own: OwnModel | None = None

    @property
    def preset(self) -> Preset:
        """The preprocessing its weights expect."""
        return self.run.preset if self.run else Preset.for_input(self.spec.input_size)

    @property
    def widths(self) -> tuple[int | None, int | None]:
        """Classes and hidden width where they are not the variant's own."""
        if self.own:
            return self.own.num_classes, self.own.hidden
        return (len(self.run.classes), self.run.hidden) if self.run else (None, None)

    @property
    def validation_share(self) -> float:
        """Share of each class that was held out in training."""
        return self.run.config.validation_share if self.run else 0.2

    @property
    def origin(self) -> str:
        """Where its weights come from, in a few words."""
        if self.own:
            return f"your own weights, {self.own.num_classes} classes"
        if self.run:
            return f"trained on {self.run.dataset['name']}, {self.run.config.epochs} epochs"
        return "ImageNet weights" if self.name == IMAGENET else "random weights, seed 0"


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """One picture.

    Attributes:
        name: In the picker.
        data: The file's bytes.
        sha256: Of them.
        background: What shows through transparent pixels, as ``#rrggbb``.
    """

    name: str
    data: bytes
    sha256: str
    background: str = "#ffffff"

    @property
    def key(self) -> str:
        """Tells what is seen from everything else."""
        return self.sha256 + self.background


def get_own_models() -> dict[str, ModelChoice]:
    """Return the models whose weights this session brought; they end with it."""
    models: dict[str, ModelChoice] = st.session_state.setdefault("own-models", {})
    return models


def add_own_model(name: str, data: bytes) -> str:
    """Recognise a weights file and return the model's name in the picker.

    The bytes are let go before the tensors are looked at, and the tensors become the model's.

    Raises:
        CheckpointError: It is no state dict of a variant, or damaged.
    """
    from alexcore.weights.detect_variant import recognise
    from alexcore.weights.filled import create_filled
    from alexcore.weights.untrusted import load_untrusted

    digest = hashlib.sha256(data).hexdigest()
    state = load_untrusted(data)
    del data
    found = recognise(state)
    model = create_filled(found.model, found.num_classes, found.hidden, found.state)
    title = f"{Path(name).stem[:32]}-{digest[:4]}"
    models = get_own_models()
    models.pop(title, None)
    own = OwnModel(model, found.num_classes, found.hidden)
    models[title] = ModelChoice(title, get_spec(found.model), None, digest, own)
    while len(models) > _MAX_MODELS:
        models.pop(next(iter(models)))
    return title


def list_model_choices(runs: list[Run]) -> dict[str, ModelChoice]:
    """Return what can be chosen: own weights, runs with weights, untrained variants, ImageNet."""
    trained = sorted((run for run in runs if run.has_weights), key=_demo_order)
    choices = dict(get_own_models())
    choices |= {
        run.name: ModelChoice(run.name, get_spec(run.model), run, run.weights_digest or "")
        for run in trained
    }
    for spec in list_models():
        name = _UNTRAINED + spec.name
        choices[name] = ModelChoice(name, spec, None, f"{name}-seed0")
    choices[IMAGENET] = ModelChoice(IMAGENET, get_spec("torchvision"), None, IMAGENET)
    return choices


def _demo_order(run: Run) -> tuple[bool, str]:
    """Put the run the demo is built on first: it ships with its preview."""
    return run.name != "half-b16-s1", run.name


def list_samples() -> dict[str, Path]:
    """Return the shipped pictures by name."""
    return {path.stem: path for path in sorted(SAMPLE_IMAGES.glob("*.png"), key=lambda p: p.stem)}


def get_uploads() -> dict[str, ImageChoice]:
    """Return this session's own pictures; they live in memory and end with it."""
    uploads: dict[str, ImageChoice] = st.session_state.setdefault("uploads", {})
    return uploads


def add_upload(name: str, data: bytes) -> str:
    """Keep a picture for this session and return its name in the picker."""
    uploads = get_uploads()
    digest = hashlib.sha256(data).hexdigest()
    for known in uploads.values():
        if known.sha256 == digest:
            return known.name
    title = f"{Path(name).stem[:32]}-{digest[:4]}"
    uploads[title] = ImageChoice(title, data, digest)
    while len(uploads) > _MAX_UPLOADS or _count_bytes(uploads) > _MAX_UPLOADED_BYTES:
        uploads.pop(next(iter(uploads)))
    return title


def _count_bytes(uploads: dict[str, ImageChoice]) -> int:
    return sum(len(upload.data) for upload in uploads.values())


def load_image_choice(name: str) -> ImageChoice:
    """Return a sample or an upload by its name in the picker."""
    uploads = get_uploads()
    if name in uploads:
        return uploads[name]
    data = list_samples()[name].read_bytes()
    return ImageChoice(name, data, hashlib.sha256(data).hexdigest())


def get_model_choice() -> ModelChoice:
    """Return what the sidebar's model picker holds in this run of the page."""
    choice: ModelChoice = st.session_state["model_choice"]
    return choice


def get_image_choice() -> ImageChoice:
    """Return what the sidebar's image picker holds in this run of the page."""
    choice: ImageChoice = st.session_state["image_choice"]
    return choice
