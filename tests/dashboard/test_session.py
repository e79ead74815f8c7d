"""SECURITY.md's promise: what a session brings is its own, goes with it, and is never on disk."""

import gc
import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from PIL import Image
from streamlit.runtime.caching import (
    cache_utils,
    clear_session_data_cache,
    clear_session_resource_cache,
)
from streamlit.runtime.scriptrunner import ScriptRunner
from streamlit.testing.v1 import AppTest
from torch import nn

import alexcore.dashboard
from alexcore.dashboard.app import PAGES
from alexcore.dashboard.caching import RELEASED_AFTER
from alexcore.dashboard.feature_maps.top_images import find_top_images_file
from alexcore.dashboard.session import ImageChoice
from alexcore.images.sandbox import Picture
from alexcore.inference.model import Inference, LoadedModel
from alexcore.models import create_model
from alexcore.retrieval.pictures import Pictures
from alexcore.sources import ModelSource, create_file_source
from tests.dashboard.conftest import OpenPage
from tests.images.test_decode import encode
from tests.weights.test_untrusted import to_bytes

HIDDEN, SIZE = 13, (401, 307)
"""Of what the tests bring; nothing else has these."""

PHOTO = encode(Image.effect_noise(SIZE, 80).convert("RGB"), "PNG")
WEIGHTS = to_bytes(create_model("half", num_classes=3, hidden=HIDDEN).state_dict())
PHOTO_DIGEST, WEIGHTS_DIGEST = (hashlib.sha256(data).hexdigest() for data in (PHOTO, WEIGHTS))

_BROUGHT: dict[type[Any], Callable[[Any], bool]] = {
    ImageChoice: lambda image: image.sha256 == PHOTO_DIGEST,
    Picture: lambda picture: picture.size == SIZE,
    ModelSource: lambda source: source.digest == WEIGHTS_DIGEST,
    LoadedModel: lambda model: model.source.digest == WEIGHTS_DIGEST,
    nn.Linear: lambda layer: layer.out_features == HIDDEN and not layer.weight.is_meta,
    Inference: lambda seen: PHOTO_DIGEST in seen.key or WEIGHTS_DIGEST in seen.key,
}


def find_brought() -> dict[type[Any], int]:
    """How many objects in memory are what the tests brought, or were computed of it."""
    gc.unfreeze()  # what the warm-up took out of sight
    gc.collect()
    kinds = [type(o) for o in gc.get_objects() if type(o) in _BROUGHT and _BROUGHT[type(o)](o)]
    return {kind: kinds.count(kind) for kind in kinds}


@pytest.fixture(autouse=True)
def sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every AppTest a session of its own, as a server does; they all share one otherwise."""
    init = ScriptRunner.__init__

    def start(self: ScriptRunner, session_id: str, **options: Any) -> None:
        init(self, session_id=str(id(options["session_state"])), **options)

    monkeypatch.setattr(ScriptRunner, "__init__", start)


def end(at: AppTest) -> None:
    """Do what Streamlit does when the tab is closed."""
    session_id = str(id(at._session_state._state))
    clear_session_data_cache(session_id)
    clear_session_resource_cache(session_id)


def bring(at: AppTest) -> AppTest:
    """Upload a picture and weights, look at the one with the other and ask why."""
    at.file_uploader(key="uploader").set_value(("holiday.png", PHOTO, "image/png")).run()
    at.file_uploader(key="weights").set_value(("mine.pth", WEIGHTS, "application/zip")).run()
    at.segmented_control(key="fview").set_value("Why").run()
    assert not at.exception and not at.error
    assert at.selectbox(key="model").value == f"mine-{WEIGHTS_DIGEST[:4]}"
    assert at.selectbox(key="image").value == f"holiday-{PHOTO_DIGEST[:4]}"
    return at


def list_files(*folders: Path) -> dict[Path, bytes]:
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in found}


def test_what_a_session_brought_ends_with_it_and_was_never_on_disk(
    open_page: OpenPage, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = list_files(data_folder, tmp_path)
    at = bring(open_page("feature_maps"))
    for page in ("architecture", "retrieval", "overview"):
        at.switch_page(str(PAGES[page].path)).run()
        assert not at.exception and not at.error
    assert find_brought().keys() == _BROUGHT.keys()
    assert list_files(data_folder, tmp_path) == before
    end(at)
    del at
    assert find_brought() == {}


def test_another_session_finds_nothing_of_it(open_page: OpenPage) -> None:
    mine = bring(open_page("feature_maps"))
    names = {key: str(mine.selectbox(key=key).value) for key in ("model", "image")}
    other = open_page("feature_maps", **names)  # by a link that names it
    for key, name in names.items():
        assert name not in other.selectbox(key=key).options
    assert other.selectbox(key="model").value == "half-b16-s1"
    alone = find_brought()
    bring(other)  # the same bytes are another's
    assert find_brought()[LoadedModel] == 2 * alone[LoadedModel]
    assert find_brought()[Picture] == 2 * alone[Picture]
    end(mine)
    del mine
    other.run()
    assert not other.exception and not other.error
    assert other.selectbox(key="model").value == names["model"]
    assert find_brought()[LoadedModel] == alone[LoadedModel]
    end(other)


def test_what_is_kept_on_disk_of_own_weights_bears_their_digest() -> None:
    """A file of the same name with other weights finds nothing of it."""
    source = create_file_source("mine.pth", WEIGHTS)
    assert source.digest == WEIGHTS_DIGEST
    assert WEIGHTS_DIGEST[:12] in find_top_images_file(source).name
    key = Pictures("pets", "all").create_key(source, "classifier.4")
    other = replace(key, weights_digest="0" * 64)
    assert key.weights_digest == WEIGHTS_DIGEST and key.name != other.name


def list_cached() -> dict[str, Any]:
    """Return every function of the dashboard that Streamlit keeps results of."""
    names = [
        m.name for m in pkgutil.walk_packages(alexcore.dashboard.__path__, "alexcore.dashboard.")
    ]
    modules = [importlib.import_module(name) for name in names if not name.endswith(".main")]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, cache_utils.CachedFunc) and value.__module__ == module.__name__
    }


def test_caches_of_all_sessions_are_asked_for_nothing_that_one_brought() -> None:
    """Of somebody's weights they keep only what is on disk too: a gallery, and what it answers."""
    of_weights = set()
    for name, function in list_cached().items():
        if function._info.scope == "session":
            continue
        asked = " ".join(
            str(parameter.annotation)
            for parameter in inspect.signature(function._info.func).parameters.values()
        )
        assert not any(kind.__name__ in asked for kind in (ImageChoice, Picture, Inference)), name
        if "ModelSource" in asked:
            of_weights.add(name.rsplit(".", 1)[1])
    assert of_weights == {"_load_shared", "get_evaluation", "_draw"}


def test_what_is_not_used_for_half_an_hour_is_released_at_the_next_visit(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    st.cache_resource.clear()
    monkeypatch.setattr(cache_utils, "TTLCACHE_TIMER", lambda: now[0])

    def list_models() -> set[str]:
        gc.unfreeze()
        gc.collect()
        return {o.source.name for o in gc.get_objects() if type(o) is LoadedModel}

    at = open_page("feature_maps", model="untrained-half")
    at.selectbox(key="model").set_value("untrained-staged").run()
    assert {"untrained-half", "untrained-staged"} <= list_models()
    now[0] = RELEASED_AFTER + 1
    at.selectbox(key="model").set_value("half-b16-s1").run()
    assert not {"untrained-half", "untrained-staged"} & list_models()
    st.cache_resource.clear()


def test_uploads_beyond_150_megabytes_let_the_first_go() -> None:
    def script() -> None:
        from alexcore.dashboard.session import add_upload, create_upload

        for letter in "abcd":
            add_upload(create_upload(f"{letter}.png", letter.encode() * 50_000_000))

    at = AppTest.from_function(script, default_timeout=60).run()
    assert not at.exception
    assert [name[0] for name in at.session_state["uploads"]] == ["b", "c", "d"]
