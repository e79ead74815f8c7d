"""What the view Why asks of a net, and the answers, kept with the session."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from alexcore.dashboard.caching import get_inference_lock, keep_work, keep_works
from alexcore.datasets.folder import OnProgress
from alexcore.features.methods import LAYERED, Method
from alexcore.figures.sprites import create_overlay, encode_png
from alexcore.images.preprocessing import to_input

if TYPE_CHECKING:
    import torch

    from alexcore.features.faithfulness import Curves
    from alexcore.features.randomisation import Forgotten
    from alexcore.inference.model import Inference


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """One method's heatmap, and how faithful it is.

    Attributes:
        heat: (H, W) in [-1, 1].
        curves: Of deletion and insertion.
    """

    heat: npt.NDArray[np.float32]
    curves: Curves


Cascade = tuple["Forgotten", ...]
_Key = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What is known of a question; after Stop that is not all that was asked.

    Attributes:
        reasons: {method: its answer}.
        cascades: {method: the heatmaps with ever more of the top layers random}.
        missing: How many pieces Stop left undone.
    """

    reasons: dict[Method, Reason]
    cascades: dict[Method, Cascade]
    missing: int


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of a net about a picture.

    Attributes:
        inference: Of the picture.
        target: Index of the class.
        against: Index of the class it is compared with, None for none.
        layer: Paper name of the layer that ``LAYERED`` methods read.
    """

    inference: Inference
    target: int
    against: int | None
    layer: str

    @property
    def score(self) -> str:
        """What a heatmap explains, in words."""
        classes = self.inference.model.classes
        name = classes[self.target]
        return name if self.against is None else f"{name} rather than {classes[self.against]}"

    def name(self, method: Method) -> str:
        """Return a method with the layer it reads, where that is asked."""
        return f"{method} at {self.layer}" if method in LAYERED else method

    def explain_misfit(self, method: Method) -> str:
        """Return why a method does not fit the net, ``""`` where it does."""
        from alexcore.features.attribution import explain_misfit

        return explain_misfit(self.inference.model.module, method)

    def answer(self, methods: Sequence[Method], random_top: bool) -> Answers:
        """Return what the methods that fit the net find, computed under one bar.

        Args:
            methods: In the order they are shown.
            random_top: Whether ever more random layers are wanted too.

        Raises:
            AlexcoreError: There is no such class, or the device has no memory for it, or is gone.
        """
        fitting = [method for method in methods if not self.explain_misfit(method)]
        first = {self._create_key("reason", method): method for method in fitting}
        second = {self._create_key("cascade", method): method for method in fitting}
        works: dict[_Key, Callable[[OnProgress], Any]] = {
            key: partial(self._explain, method) for key, method in first.items()
        }
        if random_top:
            works |= {
                key: partial(self._forget, key_of_reason, method)
                for (key, method), key_of_reason in zip(second.items(), first, strict=True)
            }
        found = keep_works("Explaining", works)
        return Answers(
            {method: found[key] for key, method in first.items() if key in found},
            {method: found[key] for key, method in second.items() if key in found},
            len(works) - len(found),
        )

    def _create_key(self, kind: str, method: Method) -> _Key:
        return (kind, self.inference.key, self.target, self.against, self.name(method))

    @property
    def _asked(self) -> int | tuple[int, int]:
        return self.target if self.against is None else (self.target, self.against)

    def _find_layer(self, method: Method) -> str | None:
        return self.inference.model.nodes[self.layer] if method in LAYERED else None

    def _create_input(self) -> torch.Tensor:
        model = self.inference.model
        return to_input(self.inference.picture.pixels, model.source.preprocessing, model.device)

    def _explain(self, method: Method, on_progress: OnProgress) -> Reason:
        from alexcore.devices import device_errors_named
        from alexcore.features.attribution import compute_heatmap
        from alexcore.features.faithfulness import measure_faithfulness

        net, layer = self.inference.model.module, self._find_layer(method)
        with device_errors_named():
            x = self._create_input()
            heat = compute_heatmap(
                net, x, self._asked, method, lambda done, total: on_progress(done, 2 * total),
                layer=layer, lock=get_inference_lock(),
            )  # fmt: skip
            curves = measure_faithfulness(
                net, x, self._asked, heat,
                lambda done, total: on_progress(total + done, 2 * total), get_inference_lock(),
            )  # fmt: skip
        return Reason(heat, curves)

    def _forget(self, reason: _Key, method: Method, on_progress: OnProgress) -> Cascade:
        from alexcore.devices import device_errors_named
        from alexcore.features.randomisation import compute_cascade

        heat = keep_work(reason, lambda: self._explain(method, on_progress)).heat
        with device_errors_named():
            return compute_cascade(
                self.inference.model.module, self._create_input(), self._asked, method, heat,
                on_progress, layer=self._find_layer(method), lock=get_inference_lock(),
            )  # fmt: skip


def draw_heat(inference: Inference, heat: npt.NDArray[np.float32], step: int = 1) -> bytes:
    """Return a PNG of a heatmap over its picture, every ``step``-th pixel of both.

    The strongest half percent has full colour: a single hot pixel would leave the rest white.
    """
    full = float(np.quantile(np.abs(heat), 0.995)) or 1.0
    small = (heat[::step, ::step] / full).clip(-1, 1).astype(np.float32)
    return encode_png(create_overlay(inference.picture.pixels[::step, ::step], small, True))
