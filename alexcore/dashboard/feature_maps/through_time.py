"""Feature maps through time: what a run's net saw in the picture at the epochs it kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from alexcore.dashboard import urls
from alexcore.dashboard.caching import get_inference_lock, keep_works, offer_to_go_on
from alexcore.dashboard.components.chart import show_chart
from alexcore.dashboard.components.tiles import Tiles, show_tiles
from alexcore.dashboard.feature_maps.picks import (
    TILES,
    list_map_labels,
    pick_channel,
    pick_layer,
)
from alexcore.dashboard.widgets.errors import show_error
from alexcore.dashboard.widgets.kernels import choose_epoch, draw_kernels, show_kernel_view
from alexcore.errors import CheckpointError
from alexcore.figures.bars import plot_classes
from alexcore.figures.sprites import encode_png, plan_grid
from alexcore.settings import DEMO_RUN

if TYPE_CHECKING:
    from collections.abc import Hashable

    from alexcore.datasets.folder import OnProgress
    from alexcore.inference.model import Inference
    from alexcore.reports.film import Scene, Seen
    from alexcore.training.moments import Moment

_HOW = (
    "`alexcore train --snapshots 10`, or *Snapshots* where a run is started, keeps the "
    "convolutions as they form."
)
_OWN, _ALL = "each by its own range", "one range for all epochs"


def show_through_time(inference: Inference) -> None:
    """Layer, channel and epoch, all in the URL; one epoch at a time, or played as a film.

    No fragment: its long work has a Stop, which a fragment cannot have.
    """
    from alexcore.reports.film import Scene
    from alexcore.training.moments import list_moments

    source = inference.model.source
    if source.run is None:
        _say_how(f"Nothing is known of how {source.name} was trained.")
        return
    moments = list_moments(source.run)
    if not any(moment.snapshot for moment in moments):
        _say_how(f"{source.name} kept no snapshots.")
    if len(moments) < 2:
        return
    label, channel, scale, playing = _pick(inference)
    epochs = {moment.epoch: moment for moment in moments}
    wanted = moments if playing else (epochs[choose_epoch(list(epochs))],)
    seen = _look(inference, moments if scale == _ALL else wanted)
    limits = None
    if scale == _ALL and seen:
        every = [Scene(inference, label, channel).find_maps(then) for then in seen.values()]
        limits = float(min(m.min() for m in every)), float(max(m.max() for m in every))
    scene = Scene(inference, label, channel, limits)
    shown = {moment: seen[moment] for moment in wanted if moment in seen}
    if playing and shown:
        _show_film(scene, shown)
    else:
        for moment, then in shown.items():
            _show_moment(scene, moment, then)


def _say_how(lack: str) -> None:
    """Say how snapshots come to be, and offer the shipped net that has them."""
    st.info(f"{lack} {_HOW} {DEMO_RUN} has them.", icon=":material/info:")
    st.button(f"Look with {DEMO_RUN}", icon=":material/visibility:", on_click=_choose_demo)


def _choose_demo() -> None:
    st.session_state[urls.MODEL] = DEMO_RUN


def _pick(inference: Inference) -> tuple[str, int, str, bool]:
    """Return layer, channel and scale, and whether to play."""
    row = st.grid(columns=4, min_column_width=150, vertical_alignment="bottom")
    label = pick_layer(row, list_map_labels(inference))
    channel = pick_channel(row, len(inference.find(label)), tip=TILES)
    scale = row.selectbox(
        "Scale", [_OWN, _ALL], key=urls.TIME_SCALE, bind="query-params",
        help="Each channel of each epoch by its own range, or all by the layer's range over all "
        "epochs, which shows how strongly they answer.",
    )  # fmt: skip
    playing = row.toggle("Play", key=urls.PLAY, bind="query-params")
    return label, channel, scale, playing


def _look(inference: Inference, moments: tuple[Moment, ...]) -> dict[Moment, Seen]:
    """Return what was seen at each moment; what is damaged is named and left out."""
    keys: dict[tuple[Hashable, ...], Moment] = {
        ("seen", inference.key, moment.epoch, moment.version): moment for moment in moments
    }
    works = {key: partial(_look_once, inference, moment) for key, moment in keys.items()}
    found = keep_works("Looking with each epoch", works)
    if len(found) < len(works):
        offer_to_go_on(f"Stopped; {len(works) - len(found)} of the epochs are missing.")
    seen: dict[Moment, Seen] = {}
    for key, then in found.items():
        if isinstance(then, CheckpointError):
            show_error(then)
        else:
            seen[keys[key]] = then
    return seen


def _look_once(
    inference: Inference, moment: Moment, on_progress: OnProgress
) -> Seen | CheckpointError:
    from alexcore.reports.film import look_back

    on_progress(0, 1)
    try:
        return look_back(inference, moment, get_inference_lock())
    except CheckpointError as error:
        return error


def _show_moment(scene: Scene, moment: Moment, then: Seen) -> None:
    """One epoch: its channels to click on, the chosen one, the classes and conv1's kernels."""
    from alexcore.reports.film import describe_classes, describe_moment, draw_moment

    when = describe_moment(moment)
    maps, channel, label = scene.find_maps(then), scene.channel, scene.label
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
        show_kernel_view(
            draw_kernels(then.kernels), f"Every kernel of conv1 {when}, each over its own range"
        )
    name = f"{scene.finished.name}-{scene.finished.model.source.name}-{label}"
    st.download_button(
        "PNG", lambda: encode_png(draw_moment(scene, moment, then)),
        f"{name}-epoch-{moment.epoch}.png", "image/png", on_click="ignore",
        icon=":material/download:", key="take-moment",
    )  # fmt: skip


def _show_film(scene: Scene, seen: dict[Moment, Seen]) -> None:
    """All epochs as a film, and its file."""
    from alexcore.reports.film import create_film

    finished, label = scene.finished, scene.label
    versions = tuple((moment.epoch, moment.version) for moment in seen)
    key = ("film", finished.key, versions, label, scene.channel, scene.limits)
    gif = keep_works("Filming", {key: partial(create_film, scene, seen)}).get(key)
    if gif is None:
        offer_to_go_on("Stopped; the film is not made.")
        return
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
