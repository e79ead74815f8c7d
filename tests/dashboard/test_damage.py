"""Every file of a run damaged in turn: the page says so, the rest works, nothing is deleted."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st

from alexcore.settings import SHIPPED_RUNS
from tests.dashboard.conftest import OpenPage

NAME = "half-b16-s1"
FILES = {
    "run.json": ("", {}),
    "history.csv": ("training", {"experiment": "creatures"}),
    "validation.csv": ("training", {"tview": "One run", "run": NAME}),
    "model.safetensors": ("feature_maps", {}),
    "preview/preview.json": ("", {}),
    "preview/volumes.svg": ("", {}),
    "preview/kernels.webp": ("", {}),
    "preview/feature_maps.webp": ("", {}),
    "preview/neighbours.webp": ("", {}),
}
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "half": lambda whole: whole[: len(whole) // 2],
    "noise": lambda whole: b"\x9c\xff\x00" * 200,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_named_and_the_page_stands(
    open_page: OpenPage, tmp_path: Path, file: str, damage: str
) -> None:
    folder = tmp_path / "runs" / NAME  # before the shipped run of that name
    shutil.copytree(SHIPPED_RUNS / NAME, folder, copy_function=os.link)
    whole = (folder / file).read_bytes()
    (folder / file).unlink()
    (folder / file).write_bytes(DAMAGES[damage](whole))
    before = {path: path.stat().st_size for path in tmp_path.rglob("*")}
    st.cache_resource.clear()  # a model that is loaded already needs no file
    page, query = FILES[file]
    at = open_page(page, **query)
    said = [element.value for element in (*at.error, *at.warning)]
    if (file, damage) == ("history.csv", "empty"):
        assert not said  # a run before its first epoch
    else:
        assert len(said) == 1 and NAME in said[0]
    assert len(at.title) == 1 and len(at.sidebar.selectbox) >= 2
    assert {path: path.stat().st_size for path in tmp_path.rglob("*")} == before
