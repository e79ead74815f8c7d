"""What a run's net saw in a picture from epoch to epoch, as frames of a film.

A picture's inference -> ``look_back`` at each moment -> ``draw_moment``, or all of them ->
``create_film``.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image
from torch import Tensor

from alexcore.datasets.folder import OnProgress
from alexcore.features.ablation import to_probabilities
from alexcore.figures.film import Frame, draw_frame, encode_gif
from alexcore.figures.kernels import create_kernel_wall
from alexcore.figures.sprites import ColourScale, create_sprite, plan_grid
from alexcore.inference.model import Inference, Lock, infer
from alexcore.training.moments import Moment, load_moment
from alexcore.weights.snapshots import find_kernels

_CLASSES, _GRID, _CHANNEL = 5, 728, 220
Maps = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What the net of a moment saw; the net itself is let go.

    Attributes:
        activations: {node: (C, H, W) or (D,)} float32, read-only; nodes are the finished net's.
        logits: (K,).
        kernels: The first convolution's, (C, 3, K, K) float32 on the CPU.
    """

    activations: Mapping[str, Maps]
    logits: Maps
    kernels: Tensor


def look_back(finished: Inference, moment: Moment, lock: Lock) -> Seen:
    """Return what a run's net saw in a picture at a moment.

    Args:
        finished: What it saw at its end.
        moment: From ``list_moments`` of the run.
        lock: Held while the device computes.

    Raises:
        CheckpointError: The snapshot is missing, damaged or of another net.
    """
    net = load_moment(finished.model, moment)
    then = finished if net is finished.model else infer(net, finished.picture, lock, finished.name)
    kernels = find_kernels(net.module.state_dict()).cpu()
    return Seen(then.activations, then.logits, kernels)


@dataclass(frozen=True, slots=True)
class Scene:
    """What of a picture is shown through time.

    Attributes:
        finished: What the net saw at its end.
        label: A layer that gives maps.
        channel: One of its channels.
        limits: (low, high) of the layer's colours at all epochs; None for each map's own.
    """

    finished: Inference
    label: str
    channel: int
    limits: tuple[float, float] | None = None

    @property
    def signed(self) -> bool:
        """Whether its colours, of all channels and epochs alike, tell values below 0 from above."""
        low = self.finished.find(self.label).min() if self.limits is None else self.limits[0]
        return bool(low < 0)

    def find_maps(self, then: Seen) -> Maps:
        """Return the layer's maps (C, H, W) at another time."""
        return then.activations[self.finished.model.find_node(self.label)]

    def draw(self, maps: Maps, width: int) -> Image.Image:
        """Draw maps (C, H, W) as one grid."""
        scale = ColourScale(self.signed, gamma=0.7, limits=self.limits)
        return create_sprite(maps, plan_grid(len(maps), maps.shape[1], width), scale)

    def list_classes(self, then: Seen) -> list[tuple[str, float]]:
        """Return the finished net's likeliest classes with their probabilities at another time."""
        shares = to_probabilities(then.logits)
        labels = self.finished.model.classes
        return [
            (each.label, float(shares[labels.index(each.label)]))
            for each in self.finished.predictions[:_CLASSES]
        ]


def describe_moment(moment: Moment) -> str:
    """Say when, as "before training" or "after epoch 3"."""
    return f"after epoch {moment.epoch}" if moment.epoch else "before training"


def describe_classes(moment: Moment) -> str:
    """Say whose answer the classes of a moment are."""
    if moment.snapshot:
        return f"Finished classifier, convolutions of epoch {moment.epoch}"
    return "The whole net as it ended" if moment.epoch else "The whole net as it began"


def draw_moment(scene: Scene, moment: Moment, then: Seen) -> Image.Image:
    """Draw one epoch, RGB.

    Args:
        scene: What is shown.
        moment: The epoch.
        then: What its net saw in the picture.
    """
    maps = scene.find_maps(then)
    return draw_frame(
        Frame(
            f"{scene.finished.model.source.name}, {scene.label} {describe_moment(moment)}",
            describe_classes(moment),
            scene.list_classes(then),
            create_kernel_wall(then.kernels.numpy(), zoom=2),
            scene.draw(maps[scene.channel][None], _CHANNEL),
            scene.draw(maps, _GRID),
        )
    )


def create_film(
    scene: Scene, seen: Mapping[Moment, Seen], on_progress: OnProgress | None = None
) -> bytes:
    """Return a GIF with a frame for each moment.

    Args:
        scene: What is shown.
        seen: What the net of each moment saw in the picture, rising; at least one.
        on_progress: Called with (moments drawn, moments in all).
    """
    frames = []
    for moment, then in seen.items():
        frames.append(draw_moment(scene, moment, then))
        if on_progress is not None:
            on_progress(len(frames), len(seen))
    return encode_gif(frames)
