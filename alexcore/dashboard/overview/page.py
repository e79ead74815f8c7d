"""What is here, what is loaded, and one real result of each page as a way in."""

from functools import partial

import streamlit as st

from alexcore.dashboard.caching import compute_inference, get_inference_lock, get_runs
from alexcore.dashboard.overview.cards import (
    show_architecture,
    show_feature_maps,
    show_retrieval,
    show_training,
)
from alexcore.dashboard.overview.tour import show_tour
from alexcore.dashboard.session import ImageChoice, get_image, get_source
from alexcore.dashboard.widgets.errors import errors_shown
from alexcore.reports.preview import has_preview, load_preview
from alexcore.runs.run import Run
from alexcore.settings import DEMO_RUN
from alexcore.sources import ModelSource


def make_report(source: ModelSource, image: ImageChoice) -> str:
    """Write the report; what it needs of torch is imported now."""
    from alexcore.dashboard.retrieval.galleries import get_training_gallery
    from alexcore.reports.html import Subject, write_report

    inference = compute_inference(source, image)
    open_gallery = partial(get_training_gallery, inference.model)
    return write_report(Subject(inference, image.sha256, open_gallery, get_inference_lock()))


def find_previewed(chosen: Run | None, runs: list[Run]) -> Run | None:
    """Return the chosen run if a preview of it is kept, else the shipped one that shows most."""
    others = sorted(runs, key=lambda run: run.name != DEMO_RUN)
    candidates = [chosen, *others] if chosen else others
    return next((run for run in candidates if has_preview(run.folder)), None)


def show_page() -> None:
    """The page, from the sidebar's model and image on."""
    source = get_source()
    runs, _ = get_runs()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Loaded: **{source.name}** · {source.spec.title} · {source.origin}")
        st.download_button(
            "Report", partial(make_report, source, get_image()),
            f"inside-alexnet-{source.name}-{get_image().name}.html", "text/html",
            on_click="ignore", icon=":material/description:",
            help="One HTML file to send: shapes, curves, feature maps and neighbours.",
        )  # fmt: skip
    show_tour()
    shown, preview = None, None
    with errors_shown():
        shown = find_previewed(source.run, runs)
        preview = load_preview(shown.folder) if shown else None
    with errors_shown():
        left, right = st.columns(2)
        with left.container(border=True, height="stretch"):
            show_architecture(preview)
        with right.container(border=True, height="stretch"):
            show_training([run for run in runs if not run.config.seed])
        left, right = st.columns(2)
        with left.container(border=True, height="stretch"):
            show_feature_maps(preview, shown.name if shown else "")
        with right.container(border=True, height="stretch"):
            show_retrieval(preview)
