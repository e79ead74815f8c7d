"""How much of each method's heat lies on the creature: of this picture, and of held-out ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from alexcore.dashboard.caching import get_inference_lock
from alexcore.dashboard.permissions import ask_to_write
from alexcore.dashboard.session import get_image
from alexcore.dashboard.tasks import work_shown
from alexcore.datasets.creatures import CREATURES, SETS
from alexcore.datasets.sources import open_source
from alexcore.errors import DatasetError
from alexcore.features.kept import load_arrays, save_arrays
from alexcore.features.methods import METHODS, Method
from alexcore.images.preprocessing import Preprocessing
from alexcore.retrieval.pictures import list_queries
from alexcore.settings import get_data_folder
from alexcore.sources import ModelSource

if TYPE_CHECKING:
    from alexcore.features.focus import Focus, Mask
    from alexcore.inference.model import Inference, LoadedModel

_PICTURES = 20


def find_creature_mask(inference: Inference) -> Mask | None:
    """Return where the creature is in the picture, None where it was not drawn here."""
    image = get_image()
    return _draw_mask(image.name, image.sha256, inference.model.source.preprocessing)


@st.cache_data(max_entries=32, show_spinner=False)
def _draw_mask(name: str, sha256: str, preprocessing: Preprocessing) -> Mask | None:
    from alexcore.features.focus import find_mask

    return find_mask(name, sha256, preprocessing)


def show_on_creature(model: LoadedModel, methods: list[Method]) -> None:
    """What was measured over held-out pictures, and a button to measure the methods that fit."""
    from alexcore.features.attribution import explain_misfit
    from alexcore.features.focus import find_classes

    source = model.source
    drawn = source.trained_on if source.trained_on in SETS else CREATURES
    path = get_data_folder() / "focus" / f"{drawn}-{source.name}-{source.digest[:12]}.npz"
    st.subheader("Over many pictures")
    try:
        find_classes(model, drawn, SETS[drawn].species)
    except DatasetError as error:
        st.caption(f"{error} Only nets that know all species of {drawn} can be measured.")
        return
    found = _load(path)
    fitting = [method for method in methods if not explain_misfit(model.module, method)]
    asked = [method for method in fitting if method not in found]
    if asked and ask_to_write(
        f"Measure {', '.join(asked)}", ":material/monitoring:",
        f"On {_PICTURES} validation pictures of {drawn}, kept on disk.",
    ):  # fmt: skip
        _measure(model, drawn, asked, path)
        st.rerun()  # which takes the button away
    if not found:
        st.caption(f"Where {source.name} looks on pictures it never trained on, by each method.")
        return
    _show_table(source, drawn, found)


def _measure(model: LoadedModel, drawn: str, asked: list[Method], path: Path) -> None:
    """Measure each method, and keep it once it is done: Stop loses no other.

    Raises:
        AlexcoreError: The set cannot be drawn, or nothing be written.
    """
    from alexcore.features.focus import measure_focus, pick_evenly

    source = model.source
    with work_shown(f"Drawing {drawn}") as on_progress:
        root = open_source(drawn, on_progress)
        pictures = pick_evenly(list_queries(root, source.split_rule, on_progress), _PICTURES)
    with work_shown(f"Looking with {source.name}") as on_progress:
        total = len(asked) * len(pictures.items)
        for number, method in enumerate(asked):
            before = number * len(pictures.items)

            def move(done: int, _: int, before: int = before) -> None:
                on_progress(before + done, total)

            focus = measure_focus(model, pictures, drawn, method, move, get_inference_lock())
            _save(path, {**_load(path), method: focus})


def _load(path: Path) -> dict[Method, Focus]:
    """Return {method: what was measured}, in the order of ``METHODS``, empty before.

    Raises:
        CheckpointError: The file is damaged.
    """
    from alexcore.features.focus import Focus

    arrays, _ = load_arrays(path) or ({}, {})
    rows = {method: arrays[method].tolist() for method in METHODS if method in arrays}
    return {method: Focus(method, int(count), *means) for method, (count, *means) in rows.items()}


def _save(path: Path, found: dict[Method, Focus]) -> None:
    save_arrays(path, {method: np.array(astuple(focus)[1:]) for method, focus in found.items()})


def _show_table(source: ModelSource, drawn: str, found: dict[Method, Focus]) -> None:
    rows = [asdict(focus) for focus in found.values()]
    table = show_focus_table(rows, f"{source.name} over validation pictures of {drawn}")
    st.caption(
        f"{source.name} on {rows[0]['pictures']} validation pictures of {drawn}, each asked about "
        f"its own class; the creature covers {rows[0]['area']:.0%} of a picture."
    )
    st.download_button(
        "CSV", table.to_csv(), f"{source.name}-{drawn}-focus.csv", "text/csv", on_click="ignore",
        key="focus-csv", type="tertiary", icon=":material/download:",
    )  # fmt: skip


def show_focus_table(rows: Sequence[Mapping[str, Any]], alt: str) -> pd.DataFrame:
    """Show rows of ``Focus``, a method each, and return them as a table."""
    table = pd.DataFrame(rows).set_index("method")[["share", "deletion", "insertion", "pictures"]]
    table.columns = pd.Index(["on the creature", "deletion area", "insertion area", "pictures"])
    number = st.column_config.NumberColumn(format="%.3f")
    config = {"on the creature": st.column_config.NumberColumn(format="percent"),
              "deletion area": number, "insertion area": number}  # fmt: skip
    st.dataframe(table, column_config=config, alt=alt, width="content")
    return table
