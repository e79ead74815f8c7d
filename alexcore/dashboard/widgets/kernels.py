"""The wall of conv1's kernels with its figures, and a slider through the epochs of a run."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import HASHES
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.runs.run import Run
from alexcore.runs.snapshots import list_snapshots

if TYPE_CHECKING:
    from torch import Tensor

    from alexcore.inspection.weight_statistics import KernelStatistics

_State = tuple[tuple[int, ...], str | None]
"""Epochs with a snapshot and the weights' digest, which tell one state of a run from the next."""

_WHOLE, _ADDED = "kernels", "what training added"


@dataclass(frozen=True, slots=True)
class KernelView:
    """Kernels as a picture, PNG, and in figures."""

    wall: bytes
    statistics: KernelStatistics


def draw_kernels(kernels: Tensor) -> KernelView:
    """Return the view of kernels (C, 3, K, K)."""
    from alexcore.figures.kernels import create_kernel_wall
    from alexcore.figures.sprites import encode_png
    from alexcore.inspection.weight_statistics import compute_kernel_statistics

    wall = encode_png(create_kernel_wall(kernels.numpy()))
    return KernelView(wall, compute_kernel_statistics(kernels))


def show_kernel_view(view: KernelView, caption: str) -> None:
    """The wall, and how far its kernels are from noise."""
    st.image(view.wall, caption=caption, width="stretch", alt=caption)
    found = view.statistics
    row = st.container(horizontal=True)
    row.metric(
        "Autocorrelation, median", _format(found.median),
        help="How alike neighbouring weights of a kernel are, at a distance of one. Random kernels "
        "have 0, nets trained on ImageNet about 0.9: the nearer to 1, the smoother the wall.",
    )  # fmt: skip
    row.metric("Best tenth above", _format(found.best_tenth),
               help="A tenth of the kernels has more than this.")  # fmt: skip
    row.metric(
        "Faint", f"{found.faint_share:.0%}",
        help="Kernels whose norm is below a tenth of the strongest one's. The wall draws each over "
        "its own range, so these look like noise and hardly matter.",
    )  # fmt: skip


def _format(value: float) -> str:
    """Return a figure of kernels; there is none where all are constant."""
    return f"{value:z.2f}" if isfinite(value) else "–"


def has_kernels(run: Run) -> bool:
    """Whether the run kept weights or snapshots."""
    return run.has_weights or bool(list_snapshots(run.folder))


@st.fragment
def show_kernels(run: Run) -> None:
    """The kernels of a run that ``has_kernels``, at the epoch one chooses."""
    with errors_shown():
        state = tuple(list_snapshots(run.folder)), run.weights_digest
        kernels = _load(run, state)
        views = [_WHOLE, _ADDED] if 0 in kernels else [_WHOLE]
        shown = st.segmented_control(
            "Kernels", views, default=_WHOLE, required=True, key=urls.KERNELS,
            bind="query-params", label_visibility="collapsed",
            help="What training added is the kernels minus those the run began with.",
        )  # fmt: skip
        epoch = choose_epoch([epoch for epoch in kernels if shown == _WHOLE or epoch])
        view = _draw(run, state, epoch, shown == _ADDED)
        what = "Every kernel of conv1" if shown == _WHOLE else "What training added to each kernel"
        when = "before training" if epoch == 0 else f"after epoch {epoch}"
        show_kernel_view(view, f"{what} {when}, each over its own range (figure 3)")
        if run.snapshots == 0:
            st.caption(
                "This run kept its end alone; its start is drawn again from the seed. `alexcore "
                "train --snapshots 10`, or *Snapshots* where a run is started, keeps the epochs "
                "between."
            )


def choose_epoch(epochs: list[int]) -> int:
    """Offer a slider over the epochs, which stands at the last until it is moved."""
    if st.session_state.get(urls.EPOCH, epochs[-1]) not in epochs:  # of another run
        del st.session_state[urls.EPOCH]
    if len(epochs) == 1:
        return epochs[0]
    return st.select_slider("Epoch", epochs, epochs[-1], key=urls.EPOCH, bind="query-params")


@st.cache_resource(max_entries=16, show_spinner="Reading the snapshots ...", hash_funcs=HASHES)
def _load(run: Run, state: _State) -> dict[int, Tensor]:
    """Return the kernels by epoch."""
    from alexcore.training.kernels import load_kernels

    return load_kernels(run)


@st.cache_resource(max_entries=256, show_spinner=False, hash_funcs=HASHES)
def _draw(run: Run, state: _State, epoch: int, added: bool) -> KernelView:
    kernels = _load(run, state)
    return draw_kernels(kernels[epoch] - kernels[0] if added else kernels[epoch])
