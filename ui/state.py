"""What is selected: a model and an image, their session keys, and the pictures one uploaded."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from alexcore.checkpoints import Run
from alexcore.models import ModelSpec, get_spec, list_models
from alexcore.paths import SAMPLE_IMAGES
from alexcore.transforms import Preset

MODEL_KEY, IMAGE_KEY, UPLOADER_KEY = "model", "image", "uploader"
IMAGENET = "imagenet"
_UNTRAINED = "untrained-"
_MAX_UPLOADS = 24


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """One entry of the model picker.

    Attributes:
        name: What the picker and the URL show.
        spec: The variant.
        run: The training it comes from, None for ImageNet and untrained nets.
        digest: Tells its weights from all others.
    """

    name: str
    spec: ModelSpec
    run: Run | None
    digest: str

    @property
    def preset(self) -> Preset:
        """The preprocessing its weights expect."""
        return self.run.preset if self.run else Preset.for_input(self.spec.input_size)

    @property
    def origin(self) -> str:
        """Where its weights come from, in a few words."""
        if self.run:
            return f"trained on {self.run.dataset['name']}, {self.run.config['epochs']} epochs"
        return "ImageNet weights" if self.name == IMAGENET else "random weights, seed 0"


@dataclass(frozen=True, slots=True)
class ImageChoice:
    """One picture: its name in the picker, its bytes, and their sha256."""

    name: str
    data: bytes
    sha256: str


def list_model_choices(runs: list[Run]) -> dict[str, ModelChoice]:
    """Return what can be chosen: runs with weights, untrained variants, ImageNet."""
    trained = sorted((run for run in runs if run.has_weights), key=_demo_order)
    choices = {
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
    while len(uploads) > _MAX_UPLOADS:
        uploads.pop(next(iter(uploads)))
    return title


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
