"""Where a model comes from: a run, weights somebody brought, a variant untrained, or ImageNet.

name or file -> ``ModelSource`` -> ``alexcore.inference.model.load_model``. A source says what is
asked of a model before its weights are read, and how to read them; nobody after it asks which kind
it is. Importing this does not import torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from alexcore.errors import CheckpointError
from alexcore.images.preprocessing import Preprocessing
from alexcore.models.registry import ModelSpec, create_model, get_spec, list_models
from alexcore.runs.config import SplitRule
from alexcore.runs.run import Run, find_run
from alexcore.settings import DEMO_RUN, get_first_model

if TYPE_CHECKING:
    from torch import nn

    from alexcore.weights.download import OnBytes

IMAGENET = "imagenet"
UNTRAINED = "untrained-"
"""Before a variant's name: the net of random weights."""

Loaded = tuple["nn.Module", tuple[str, ...]]
"""A module in evaluation mode on the CPU, and the labels of its outputs."""


@dataclass(frozen=True, slots=True)
class Download:
    """Weights that lie elsewhere until they are wanted.

    Attributes:
        is_here: Whether they are on this machine.
        fetch: Brings them, called with what takes (bytes there, bytes in all).
    """

    is_here: Callable[[], bool]
    fetch: Callable[[OnBytes], object]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model that can be had.

    Attributes:
        name: In pickers, addresses and commands.
        spec: The variant.
        origin: Where its weights come from, in a few words.
        digest: Tells its weights from all others.
        preprocessing: The preprocessing its weights expect.
        num_classes: Outputs of fc8.
        hidden: Width of fc6 and fc7.
        load: Reads the weights; raises ``CheckpointError`` where they are missing or damaged.
        run: The training it comes from, None for others.
        private: Whether it is one session's own.
        download: How its weights come here, None where they are.
    """

    name: str
    spec: ModelSpec
    origin: str
    digest: str
    preprocessing: Preprocessing
    num_classes: int
    hidden: int
    load: Callable[[], Loaded]
    run: Run | None = None
    private: bool = False
    download: Download | None = None

    @property
    def split_rule(self) -> SplitRule:
        """How pictures are parted into what it was trained on and what was held out."""
        return self.run.config.split_rule if self.run else SplitRule()

    @property
    def trained_on(self) -> str | None:
        """Name of the pictures it was trained on, where a run says so."""
        return str(self.run.dataset["name"]) if self.run else None


def create_run_source(run: Run) -> ModelSource:
    """Return the source of a run's weights."""

    def load() -> Loaded:
        from alexcore.weights.safetensors import load_model

        return load_model(run), run.classes

    return ModelSource(
        name=run.name,
        spec=get_spec(run.model),
        origin=f"trained on {run.dataset['name']}, {run.config.epochs} epochs",
        digest=run.weights_digest or "",
        preprocessing=run.preprocessing,
        num_classes=len(run.classes),
        hidden=run.hidden,
        load=load,
        run=run,
    )


def create_untrained_source(
    spec: ModelSpec, num_classes: int | None = None, hidden: int | None = None
) -> ModelSource:
    """Return the source of a variant's random weights, of seed 0.

    Args:
        spec: The variant.
        num_classes: Outputs of fc8; the variant's own default when None.
        hidden: Width of fc6 and fc7; the variant's own default when None.
    """
    classes, hidden = num_classes or spec.num_classes, hidden or spec.hidden

    def load() -> Loaded:
        from alexcore.seeding import seeded

        with seeded(0):
            return create_model(spec.name, classes, hidden).eval(), _number_outputs(classes)

    name = UNTRAINED + spec.name
    usual = (classes, hidden) == (spec.num_classes, spec.hidden)
    digest = f"{name}-seed0" if usual else f"{name}-{classes}-{hidden}-seed0"
    return ModelSource(
        name, spec, "random weights, seed 0", digest, spec.preprocessing, classes, hidden, load
    )


def create_imagenet_source() -> ModelSource:
    """Return the source of torchvision's weights, which are downloaded when they are wanted."""

    def is_here() -> bool:
        from alexcore.weights import imagenet

        return imagenet.find_imagenet_file().is_file()

    def fetch(on_bytes: OnBytes) -> object:
        from alexcore.weights import imagenet

        return imagenet.fetch_imagenet(on_bytes=on_bytes)

    def load() -> Loaded:
        from alexcore.weights import imagenet

        return imagenet.load_imagenet_model(), imagenet.list_imagenet_classes()

    spec = get_spec("torchvision")
    return ModelSource(
        IMAGENET, spec, "ImageNet weights", IMAGENET, spec.preprocessing,
        spec.num_classes, spec.hidden, load, download=Download(is_here, fetch),
    )  # fmt: skip


def create_file_source(name: str, data: bytes) -> ModelSource:
    """Recognise somebody's weights file; no code in it is run.

    The bytes are let go before the tensors are looked at, and the tensors become the model's.

    Args:
        name: Of the file.
        data: Its content.

    Raises:
        CheckpointError: It holds no weights of a variant, or is damaged.
    """
    from alexcore.weights.classifier_keys import is_from_v01
    from alexcore.weights.detect_variant import recognise
    from alexcore.weights.filled import create_filled
    from alexcore.weights.untrusted import load_untrusted

    digest = hashlib.sha256(data).hexdigest()
    state = load_untrusted(data)
    del data
    found = recognise(state)
    loaded = (
        create_filled(found.model, found.num_classes, found.hidden, found.state),
        _number_outputs(found.num_classes),
    )
    spec = get_spec(found.model)
    usual = Preprocessing.for_input(spec.input_size)
    return ModelSource(
        name=f"{Path(name).stem[:32]}-{digest[:4]}",
        spec=spec,
        origin=f"your own weights, {found.num_classes} classes",
        digest=digest,
        preprocessing=usual if is_from_v01(found.state, found.model) else spec.preprocessing,
        num_classes=found.num_classes,
        hidden=found.hidden,
        load=lambda: loaded,
        private=True,
    )


def _number_outputs(count: int) -> tuple[str, ...]:
    return tuple(f"output {number}" for number in range(count))


def list_sources(runs: Iterable[Run]) -> dict[str, ModelSource]:
    """Return what can be had by name: runs with weights, untrained variants, ImageNet.

    The pages' first model comes first, a run or a weights file, and the shipped one that shows
    most after it.

    Raises:
        CheckpointError: The first model is a file that holds no weights of a variant.
    """
    trained = sorted((run for run in runs if run.has_weights), key=lambda run: run.name)
    sources = [create_run_source(run) for run in trained]
    sources += [create_untrained_source(spec) for spec in list_models()]
    sources.append(create_imagenet_source())
    first = get_first_model()
    if (file := Path(first)).is_file():
        sources.append(_open_first_file(file, file.stat().st_mtime_ns))
        first = sources[-1].name
    sources.sort(key=lambda source: (source.name != first, source.name != DEMO_RUN))
    return {source.name: source for source in sources}


@lru_cache(maxsize=1)
def _open_first_file(file: Path, modified: int) -> ModelSource:
    """Recognise the weights file that the pages begin with; everybody may look into it."""
    source = create_file_source(file.name, file.read_bytes())
    origin = f"{file.name}, {source.num_classes} classes"
    return replace(source, origin=origin, private=False)


def find_source(name: str, *roots: Path) -> ModelSource:
    """Return what a command's ``--model`` names.

    Args:
        name: A run's name or folder, a weights file, ``untrained-half`` and the like, or
            ``imagenet``.
        roots: Where runs are looked for.

    Raises:
        CheckpointError: There is nothing of that name, or it cannot be read.
    """
    if Path(name).is_file():
        return create_file_source(name, Path(name).read_bytes())
    known = list_sources(())
    if name in known:
        return known[name]
    try:
        return create_run_source(find_run(name, *roots))
    except CheckpointError as error:
        raise CheckpointError(f"{error} Other models: {', '.join(known)}.") from error
