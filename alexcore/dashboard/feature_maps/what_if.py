"""Feature maps, what if: channels taken away, held or scaled, and what the net then says.

Or the picture changed, which ``what_if_picture`` shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt
import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference_lock, keep_work
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.feature_maps.picks import pick_class, pick_layer
from alexcore.dashboard.feature_maps.top_images import get_top_images, offer_top_images
from alexcore.dashboard.feature_maps.what_if_picture import (
    show_classes_after,
    show_what_if_picture,
)
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.datasets.folder import OnProgress
from alexcore.figures.bars import plot_effects

if TYPE_CHECKING:
    from alexcore.features.ablation import Change, Effects
    from alexcore.inference.model import Inference

Way = Literal["take away", "hold at its mean", "scale"]
_WAYS: dict[Way, str] = {
    "take away": "zero in every cell",
    "hold at its mean": "its mean over the demo set in every cell",
    "scale": "every cell times the factor",
}
_SHOWN = 40


def show_what_if(inference: Inference) -> None:
    """What is changed: a channel, or the picture."""
    what = st.segmented_control(
        "What is changed", list(_SIDES), default="a channel", required=True, key=urls.WHAT,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    _SIDES[what](inference)


@st.fragment
@errors_shown()
def _show_channels(inference: Inference) -> None:
    """Layer, channels, what becomes of them and the class, all in the URL."""
    model = inference.model
    left, right = st.columns([1, 2])
    with left:
        label = pick_layer(left, list(model.layers)[:-1])
        node = model.nodes[label]
        way, factor = _pick_way()
        target = pick_class(inference)
        changes = _create_changes(inference, node, way, factor)
    if not changes:
        return
    with right:
        bar = st.empty()
        effects = _rank(
            inference, node, (way, factor), changes,
            lambda done, total: bar.progress(done / total, f"Each channel of {label} ..."),
        )  # fmt: skip
        bar.empty()
        _show_ranking(effects, target, label, inference, (way, factor))
    with left:
        _show_chosen(inference, node, changes)


def _pick_way() -> tuple[Way, float]:
    way: Way = st.segmented_control(
        "What becomes of a channel", list(_WAYS), default="take away", required=True,
        key=urls.WAY, bind="query-params", wrap=True,
    )  # fmt: skip
    factor = 0.0
    if way == "scale":
        factor = st.slider("Factor", 0.0, 3.0, 2.0, 0.1, key=urls.FACTOR, bind="query-params")
    st.caption(f"To {way}: {_WAYS[way]}.")
    return way, factor


def _create_changes(inference: Inference, node: str, way: Way, factor: float) -> tuple[Change, ...]:
    """Return what would become of each channel; none where the means are not known yet."""
    from alexcore.features.ablation import Change

    if way != "hold at its mean":
        return (Change(factor),) * len(inference.activations[node])
    found = get_top_images(inference.model.source)
    if found is None:
        offer_top_images(inference.model.source)
    elif node not in found.means:
        st.caption("Only layers that give maps have their means kept; choose one of them.")
    else:
        return tuple(Change(0.0, float(mean)) for mean in found.means[node].mean(0))
    return ()


def _rank(
    inference: Inference, node: str, asked: tuple[Way, float], changes: tuple[Change, ...],
    on_progress: OnProgress,
) -> Effects:  # fmt: skip
    """Return what each channel alone does to the classes, kept with the session."""
    from alexcore.features.ablation import rank_channels

    every, lock = dict(enumerate(changes)), get_inference_lock()
    return keep_work(
        ("effects", inference.key, node, asked),
        lambda: rank_channels(inference, node, every, lock, on_progress),
    )


def _show_ranking(
    effects: Effects, target: int, label: str, inference: Inference, asked: tuple[Way, float]
) -> None:
    """The channels that do most to the class, and all of them as a file."""
    name = inference.model.classes[target]
    logits, shares = effects.on_logit(target), effects.on_probability(target)
    way, factor = asked
    done = {"take away": "taken away", "hold at its mean": "held at its mean",
            "scale": f"scaled by {factor:g}"}[way]  # fmt: skip
    verb = "falls"
    if factor > 1:  # what is made stronger shows by a rise
        logits, shares, verb = -logits, -shares, "rises"
    order = effects.rank(target, _SHOWN)
    order = order[np.argsort(-logits[order], kind="stable")]
    st.markdown(f"**What each channel of {label} does to {name}**")
    show_chart(
        plot_effects(
            order.tolist(),
            logits[order].tolist(),
            shares[order].tolist(),
            f"the score of {name} {verb} by",
        ),
        "effects",
        f"By how much the score of {name} {verb} with each channel of {label} {done}",
        lambda click: _toggle(int(order[click["point"]])),
    )
    st.caption(
        f"Above 0 the channel speaks for {name}, below against it: the score (logit) {verb} by so "
        f"much when it alone is {done}. The {len(order)} of {len(logits)} that do most; click one "
        "to change it, several to change them together."
    )
    st.download_button(
        "CSV", lambda: _write_csv(logits, shares), f"{inference.name}-{label}-{name}.csv",
        "text/csv", on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _write_csv(logits: npt.NDArray[np.float32], shares: npt.NDArray[np.float32]) -> str:
    rows = (f"{n},{a:.6g},{b:.6g}" for n, (a, b) in enumerate(zip(logits, shares, strict=True)))
    return "\n".join(("channel,logit,probability", *rows, ""))


def _toggle(channel: int) -> None:
    chosen = list(st.session_state.get(urls.CHANGED, ()))
    st.session_state[urls.CHANGED] = (
        [other for other in chosen if other != channel] if channel in chosen else [*chosen, channel]
    )


def _show_chosen(inference: Inference, node: str, changes: tuple[Change, ...]) -> None:
    """The channels that are changed together, and the classes before and after."""
    from alexcore.features.ablation import change_channels

    if urls.CHANGED in st.session_state:  # of another layer, which may have had more channels
        kept = [n for n in st.session_state[urls.CHANGED] if n < len(changes)]
        st.session_state[urls.CHANGED] = kept
    chosen = st.multiselect(
        "Channels to change together", range(len(changes)), key=urls.CHANGED, bind="query-params",
        placeholder="Click bars, or choose channels",
    )  # fmt: skip
    after = change_channels(
        inference, node, {channel: changes[channel] for channel in chosen}, get_inference_lock()
    )
    show_classes_after(inference, after, "changed-classes")
    if chosen and st.button(
        f"Look at channel {chosen[-1]}", icon=":material/grid_view:", on_click=_look_at,
        args=(chosen[-1],),
    ):  # fmt: skip
        st.rerun(scope="app")


def _look_at(channel: int) -> None:
    st.session_state[urls.FEATURE_VIEW] = "Grid"
    st.session_state[urls.CHANNEL] = channel


_SIDES: dict[str, Callable[[Inference], None]] = {
    "a channel": _show_channels,
    "the picture": show_what_if_picture,
}
