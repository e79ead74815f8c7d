"""Feature maps through time: what a run's net saw in the picture at the epochs it kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import HASHES, RELEASED_AFTER, get_inference_lock, keep_work
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.components.tiles import Tiles, show_tiles
from alexcore.dashboard.widgets.errors import errors_shown, show_error
from alexcore.dashboard.widgets.kernels import choose_epoch, draw_kernels, show_kernel_view
from alexcore.errors import CheckpointError
from alexcore.figures.bars import plot_classes
from alexcore.figures.sprites import encode_png, plan_grid

if TYPE_CHECKING:
    from alexcore.inference.model import Inference, LoadedModel
    from alexcore.reports.film import Scene
    from alexcore.training.moments import Moment

_HOW = (
    "`alexcore train --snapshots 10`, or *Snapshots* where a run is started, keeps the "
    "convolutions as they form."
)
_OWN, _ALL = "each by its own range", "one range for all epochs"


@st.fragment
@errors_shown()
def show_through_time(inference: Inference) -> None:
    """Layer, channel and epoch, all in the URL; one epoch at a time, or played as a film."""
    from alexcore.training.moments import list_moments

    source = inference.model.source
    if source.run is None:
        st.info(
            f"Nothing is known of how {source.name} was trained. Choose a run in the sidebar. "
            f"{_HOW}",
            icon=":material/info:",
        )
        return
    moments = list_moments(source.run)
    if not any(moment.snapshot for moment in moments):
        st.info(f"{source.name} kept no snapshots. {_HOW}", icon=":material/info:")
    if len(moments) < 2:
        return
    scene, playing = _pick(inference, moments)
    if playing:
        _show_film(scene, _look_at_all(inference, moments))
    else:
        epochs = {moment.epoch: moment for moment in moments}
        _show_moment(scene, epochs[choose_epoch(list(epochs))])


def _pick(inference: Inference, moments: tuple[Moment, ...]) -> tuple[Scene, bool]:
    """Offer layer, channel and scale, and to play."""
    from alexcore.reports.film import Scene

    nodes = inference.model.layers
    labels = [label for label, node in nodes.items() if inference.activations[node].ndim == 3]
    row = st.grid(columns=4, min_column_width=150, vertical_alignment="bottom")
    label = row.selectbox(
        "Layer", labels, labels.index("relu1"), key=urls.LAYER, bind="query-params",
        format_func=str,
    )  # fmt: skip
    channels = len(inference.find(label))
    if st.session_state.get(urls.CHANNEL, 0) >= channels:
        st.session_state[urls.CHANNEL] = 0
    channel = row.number_input(
        "Channel", 0, channels - 1, key=urls.CHANNEL, bind="query-params",
        help="Or click a tile, or walk the tiles with the arrow keys.",
    )  # fmt: skip
    scale = row.selectbox(
        "Scale", [_OWN, _ALL], key=urls.TIME_SCALE, bind="query-params",
        help="Each channel of each epoch by its own range, or all by the layer's range over all "
        "epochs, which shows how strongly they answer.",
    )  # fmt: skip
    playing = row.toggle("Play", key=urls.PLAY, bind="query-params")
    limits = None
    if scale == _ALL:
        every = [then.find(label) for then in _look_at_all(inference, moments).values()]
        limits = float(min(m.min() for m in every)), float(max(m.max() for m in every))
    return Scene(inference, label, int(channel), limits), playing


def _look_at_all(inference: Inference, moments: tuple[Moment, ...]) -> dict[Moment, Inference]:
    """Return the picture as seen at each epoch; what is damaged is named and left out."""
    bar, seen = st.empty(), {}
    for done, moment in enumerate(moments):
        bar.progress(done / len(moments), f"Looking with epoch {moment.epoch} ...")
        try:
            seen[moment] = _look(inference, moment)
        except CheckpointError as error:
            show_error(error)
    bar.empty()
    return seen


def _look(inference: Inference, moment: Moment) -> Inference:
    """Return what the net of an epoch sees in an inference's picture, kept with the session.

    Raises:
        CheckpointError: The snapshot is damaged or of another net.
    """
    found: Inference = _infer(inference, moment.epoch, moment.version, moment)
    return found


@st.cache_resource(
    max_entries=24, ttl=RELEASED_AFTER, show_spinner=False, hash_funcs=HASHES, scope="session"
)
def _infer(inference: Inference, epoch: int, version: int, _moment: Moment) -> Inference:
    from alexcore.inference.model import infer

    model = _load(inference.model.source.digest, epoch, version, inference.model, _moment)
    if model is inference.model:
        return inference
    key = f"{inference.key} at {epoch} {version}"
    return infer(model, inference.picture, get_inference_lock(), inference.name, key)


@st.cache_resource(max_entries=24, ttl=RELEASED_AFTER, show_spinner=False)
def _load(
    digest: str, epoch: int, version: int, _model: LoadedModel, _moment: Moment
) -> LoadedModel:
    """Return the net of an epoch, for all sessions."""
    from alexcore.training.moments import load_moment

    return load_moment(_model, _moment)


def _show_moment(scene: Scene, moment: Moment) -> None:
    """One epoch: its channels to click on, the chosen one, the classes and conv1's kernels."""
    from alexcore.reports.film import describe_classes, describe_moment, draw_moment
    from alexcore.weights.snapshots import find_kernels

    then, when = _look(scene.finished, moment), describe_moment(moment)
    maps, channel, label = then.find(scene.label), scene.channel, scene.label
    of = f"{label} of {scene.finished.model.source.name} {when}"
    left, right = st.columns([1, 2])
    with left:
        st.image(
            encode_png(scene.draw(maps[channel][None], 420)),
            width="stretch",
            caption=f"Channel {channel} of {label}, {when}",
            alt=f"Channel {channel} of {of} for {scene.finished.name}",
        )
        st.markdown(f"**{describe_classes(moment)}**")
        names, shares = zip(*scene.list_classes(then), strict=True)
        show_chart(plot_classes(names, shares), "classes-then", f"The classes {when}")
        if moment.snapshot:
            st.caption(
                "A snapshot keeps the convolutions alone. So this is what the finished fully "
                "connected layers make of them: not what the net said then, but how far its "
                "convolutions had come."
            )
    with right:
        show_tiles(
            Tiles(
                encode_png(scene.draw(maps, 1400)), plan_grid(len(maps), maps.shape[1]), len(maps),
                f"All {len(maps)} channels of {of} for {scene.finished.name}.",
            ),
            channel,
            lambda at: st.session_state.update({urls.CHANNEL: at}),
            key="tiles-then",
        )  # fmt: skip
        kernels = find_kernels(then.model.module.state_dict()).cpu()
        show_kernel_view(
            draw_kernels(kernels), f"Every kernel of conv1 {when}, each over its own range"
        )
    name = f"{scene.finished.name}-{scene.finished.model.source.name}-{label}"
    st.download_button(
        "PNG", lambda: encode_png(draw_moment(scene, moment, then)),
        f"{name}-epoch-{moment.epoch}.png", "image/png", on_click="ignore",
        icon=":material/download:", key="take-moment",
    )  # fmt: skip


def _show_film(scene: Scene, seen: dict[Moment, Inference]) -> None:
    """All epochs as a film, and its file."""
    from alexcore.reports.film import create_film

    finished, label = scene.finished, scene.label
    key = ("film", *(then.key for then in seen.values()), label, scene.channel, scene.limits)
    gif = keep_work(key, lambda: create_film(scene, seen))
    name, epochs = finished.model.source.name, ", ".join(str(moment.epoch) for moment in seen)
    st.image(
        gif,
        caption=f"{name} on {finished.name}: {label} and its channel {scene.channel} at epochs "
        f"{epochs}",
        alt=f"Film of what {name} saw in {finished.name} at epochs {epochs}",
    )
    st.caption(
        "Between start and end the classes are those of the finished fully connected layers over "
        "that epoch's convolutions; snapshots keep no more."
    )
    st.download_button(
        "GIF", gif, f"{finished.name}-{name}-{label}.gif", "image/gif", on_click="ignore",
        icon=":material/download:", key="take-film",
    )  # fmt: skip
