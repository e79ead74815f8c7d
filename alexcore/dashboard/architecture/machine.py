"""Architecture on this machine: how fast a net runs here, and files for other programs."""

import streamlit as st

from alexcore.dashboard.architecture.traces import prepare_export
from alexcore.dashboard.caching import get_device, get_inference_lock
from alexcore.dashboard.tasks import work_shown
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.extras import describe_install, has_extra
from alexcore.models import get_spec, list_models
from alexcore.sources import ModelSource, create_untrained_source


def show_machine(source: ModelSource) -> None:
    """Timing of any variant, export of the chosen model."""
    left, right = st.columns(2)
    with left:
        _show_speed(source)
    with right:
        _show_export(source)


def _show_speed(source: ModelSource) -> None:
    st.subheader("Measured here")
    names = [spec.name for spec in list_models()]
    name = st.selectbox("Variant", names, names.index(source.spec.name), key="timed")
    batch = st.select_slider("Batch", [1, 2, 4, 8, 16, 32], 8, key="timed-batch")
    if st.button("Measure", type="primary", icon=":material/timer:"):
        _measure(name, batch)
    speed = st.session_state.get("speed", {}).get((name, batch))
    if speed is None:
        st.caption("Forward pass and training step on random images, medians of five.")
        return
    grid = st.grid(columns=2, min_column_width=140)
    for title, rate, share in (
        ("Forward", speed.forward, speed.forward_share),
        ("Training step", speed.training, speed.training_share),
    ):
        grid.metric(f"{title}, images/s", f"{rate:,.0f}")
        grid.metric("Share of the matrix rate", f"{share:.0%}")
    st.caption(
        f"This device multiplies matrices of 2048 × 2048 at {speed.matrix_flops / 1e9:,.0f} "
        "GFLOP/s; a mult-add is two operations, a training step three forward passes."
    )


def _measure(name: str, batch: int) -> None:
    from alexcore.inspection.speed import measure_speed

    spec = get_spec(name)
    with work_shown("Measuring", "steps", writes=False) as on_progress, get_inference_lock():
        model = create_untrained_source(spec).load()[0]
        speed = measure_speed(model, spec.input_size, batch, get_device(), on_progress)
    st.session_state.setdefault("speed", {})[name, batch] = speed


def _show_export(source: ModelSource) -> None:
    st.subheader("Take it with you")
    st.markdown(f"**{source.name}**, {source.origin}")
    for kind, title, note in (
        ("onnx", "ONNX", "Any batch size; checked by running it again in ONNX Runtime."),
        ("safetensors", "safetensors", "The state dict in float32, with the article's keys."),
    ):
        key = (kind, source.digest)
        missing = kind == "onnx" and not has_extra("onnx")
        with st.container(horizontal=True, vertical_alignment="center"):
            ready = st.session_state.get("exports", {}).get(key)
            if ready is None:
                if st.button(f"Prepare {title}", key=f"prepare-{kind}", icon=":material/build:",
                             disabled=missing):  # fmt: skip
                    with errors_shown(), st.spinner(f"Writing {title} ..."):
                        st.session_state["exports"] = {key: prepare_export(source, kind)}
                        st.rerun()
            else:
                st.download_button(
                    f"Download {title} ({len(ready) / 1e6:.1f} MB)",
                    ready,
                    f"{source.name}.{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download-{kind}",
                )
        if missing:
            note = f"ONNX files need packages that are not here: `{describe_install('onnx')}`."
        st.caption(note)
