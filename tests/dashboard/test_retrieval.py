import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from alexcore.dashboard.retrieval.galleries import get_training_gallery
from alexcore.dashboard.session import ImageChoice
from alexcore.datasets.folder import scan_folder
from alexcore.errors import GalleryError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import to_array, to_input
from alexcore.inference.model import load_model
from alexcore.retrieval.build import build_gallery
from alexcore.retrieval.exact import Neighbours
from alexcore.retrieval.gallery import Gallery, Query, Wish
from alexcore.retrieval.lance import LanceStore
from alexcore.retrieval.pictures import Pictures
from alexcore.retrieval.store import Entry, GalleryKey, Store, load_entries
from alexcore.retrieval.stores import open_store
from alexcore.settings import SHIPPED_RUNS
from alexcore.sources import ModelSource, find_source
from tests.dashboard.conftest import OpenPage, texts
from tests.images.test_decode import encode


def test_ten_neighbours_and_then_twenty_by_cosine(open_page: OpenPage) -> None:
    at = open_page("retrieval")
    assert "The 10 nearest of 30" in texts(at)
    at.select_slider(key="k").set_value(20).run()
    at.segmented_control(key="metric").set_value("cosine").run()
    assert "The 20 nearest of 30" in texts(at)
    assert not at.exception and not at.error


def test_least_similar_and_without_its_class(open_page: OpenPage) -> None:
    at = open_page("retrieval", image="brook", k="20")
    assert "of 20** neighbours have the class the net predicts, brook" in texts(at)
    assert "**0 of" not in texts(at)
    at.toggle(key="hide").set_value(True).run()
    assert "● **0 of" in texts(at) and "the class the net predicts, brook" in texts(at)
    at.toggle(key="farthest").set_value(True).run()
    assert "least similar of 30" in texts(at)
    assert not at.exception and not at.error


def test_a_gallery_is_opened_once_and_again_when_it_has_grown(
    open_page: OpenPage, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores: list[Store] = []
    asked: list[Store] = []

    class Counted(LanceStore):
        def __init__(self, base: str, key: GalleryKey) -> None:
            stores.append(self)
            super().__init__(base, key)

        def find_version(self) -> str:
            asked.append(self)
            return super().find_version()

    monkeypatch.setattr("alexcore.retrieval.stores.LanceStore", Counted)
    shutil.copytree(data_folder / "galleries", tmp_path / "galleries")
    monkeypatch.setenv("ALEXCORE_GALLERIES", str(tmp_path / "galleries"))
    at = open_page("retrieval")
    assert (len(stores), len(asked)) == (1, 1)
    at.run()
    assert (len(stores), len(asked)) == (1, 2)
    (store,) = stores
    rows = load_entries(store)
    webp = store.load_thumbnails(rows.paths[:1])[rows.paths[0]]
    store.add([Entry("brook/new.png", "brook", "0" * 64, webp, rows.embeddings[0])], rows.root)
    at.run()
    assert "The 10 nearest of 31" in texts(at)
    assert len(stores) == 2


def test_a_gallery_that_goes_is_named_where_the_neighbours_alone_are_drawn(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a move of their controls draws them."""

    def fail(*_: object) -> None:
        raise GalleryError("the gallery cannot be read")

    def draw(gallery: "Gallery", source: "ModelSource", image: "ImageChoice") -> None:
        from alexcore.dashboard.retrieval.neighbours import show_neighbours

        show_neighbours(source, image, gallery)

    at = open_page("retrieval")
    source, image = at.session_state["chosen-source"], at.session_state["chosen-image"]
    model = load_model(source, torch.device("cpu"))
    gallery = get_training_gallery(model)
    monkeypatch.setattr(Gallery, "search", fail)
    at = AppTest.from_function(draw, default_timeout=60, args=(gallery, source, image)).run()
    assert not at.exception
    assert at.error[0].value == "The gallery cannot be read"


@pytest.mark.parametrize("method", ["projection", "binary codes"])
def test_an_index_says_how_good_it_is(open_page: OpenPage, method: str) -> None:
    at = open_page("retrieval", search=method)
    assert f"{method}: finds 100.0% of the ten exact neighbours" in texts(at)


def test_a_gallery_picture_is_asked_with_by_link(open_page: OpenPage) -> None:
    at = open_page("retrieval", like="muse/muse-003.png")
    assert "muse/muse-003.png, muse" in texts(at)
    assert "✓ **" in texts(at) and "neighbours have the query's class, muse" in texts(at)
    assert "brook › muse-003.png" in texts(at)
    next(button for button in at.button if button.label == "Back").click().run()
    assert "brook; predicted: brook" in texts(at)


def test_a_pair_is_shown_and_explained(open_page: OpenPage) -> None:
    at = open_page("retrieval", neighbour="brook/brook-001.png", image="brook", k="20")
    if "brook/brook-001.png" not in [heading.value for heading in at.subheader]:
        pytest.fail("a brook is not among the twenty nearest of a brook")
    at.toggle(key="whyalike").set_value(True).run()
    assert not at.exception and not at.error
    next(button for button in at.button if button.label == "More like this").click().run()
    assert "brook/brook-001.png, brook" in texts(at)


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The crops of query and neighbour that "Why alike?" was last asked about."""
    asked: list[np.ndarray] = []

    def compute(
        source: ModelSource, node: str, metric: str, crops: list[np.ndarray]
    ) -> list[np.ndarray]:
        asked[:] = crops
        return [np.zeros(crop.shape[:2], np.float32) for crop in crops]

    monkeypatch.setattr("alexcore.dashboard.retrieval.pair._compute_heats", compute)
    return asked


def test_why_alike_of_a_gallery_picture_cuts_its_file(
    open_page: OpenPage, explained: list[np.ndarray], creatures: Path
) -> None:
    at = open_page("retrieval", like="brook/brook-000.png", neighbour="brook/brook-001.png",
                   k="20", whyalike="true")  # fmt: skip
    preprocessing = at.session_state["chosen-source"].preprocessing
    for crop, name in zip(explained, ("brook-000.png", "brook-001.png"), strict=True):
        assert np.array_equal(crop, to_array(load_image(creatures / "brook" / name), preprocessing))


def test_why_alike_of_an_upload_follows_its_background(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is explained is the crop that was searched, and an older map does not stay."""
    asked: list[torch.Tensor] = []

    def explain(*asked_with: Any) -> list[np.ndarray]:
        asked.append(asked_with[1])
        return [np.zeros(x.shape[-2:], np.float32) for x in asked_with[1:3]]

    monkeypatch.setattr("alexcore.features.similarity.explain_similarity", explain)
    at = open_page("retrieval", k="20", whyalike="true", neighbour="muse/muse-003.png")
    picture = Image.new("RGBA", (1900, 1100), (0, 0, 0, 0))  # larger than what is shown of it
    picture.paste((200, 40, 40, 255), (700, 300, 1100, 1000))
    data = encode(picture, "PNG")
    at.file_uploader(key="uploader").set_value(("clear.png", data, "image/png")).run()
    at.color_picker(key="background").set_value("#fafafa").run()
    assert not at.exception and not at.error
    preprocessing = at.session_state["chosen-source"].preprocessing
    for x, grey in zip(asked[-2:], (255, 250), strict=True):
        searched = to_array(load_image(data, (grey, grey, grey)), preprocessing)
        assert torch.equal(x, to_input(searched, preprocessing, torch.device("cpu")))


def test_side_by_side_with_a_model_of_another_data_set(open_page: OpenPage, tmp_path: Path) -> None:
    """Its galleries are of other pictures by default; the chosen ones are offered for it too."""
    other = tmp_path / "runs" / "half-pets"
    shutil.copytree(SHIPPED_RUNS / "half-b16-s1", other)
    facts = json.loads((other / "run.json").read_text())
    facts["dataset"]["name"] = "pets"
    (other / "run.json").write_text(json.dumps(facts))
    at = open_page("retrieval", rview="Side by side", rmodel="half-pets")
    assert not at.exception and not at.error
    assert "Build it with half-pets" in [button.label for button in at.button]


@pytest.mark.parametrize("lacking", ["untrained-half", "half-b16-s1"])
def test_side_by_side_asks_with_one_picture_though_a_gallery_lacks_it(
    open_page: OpenPage, creatures: Path, tmp_path: Path, data_folder: Path,
    monkeypatch: pytest.MonkeyPatch, lacking: str,
) -> None:  # fmt: skip
    """As where the other model's training side is another."""
    path, base = "muse/muse-003.png", str(tmp_path / "galleries")
    shutil.copytree(data_folder / "galleries", base)
    model = load_model(find_source("untrained-half"), torch.device("cpu"))
    store = open_store(base, Pictures("creatures").create_key(model.source, model.last_hidden))
    build_gallery(store, scan_folder(creatures), model.create_embedder(model.last_hidden))
    rows = load_entries(store)
    poor = find_source(lacking, SHIPPED_RUNS)
    open_store(base, Pictures("creatures").create_key(poor, model.last_hidden)).delete([path])
    asked: dict[str, Query] = {}
    search = Gallery.search

    def note(gallery: Gallery, query: Query, wish: Wish) -> Neighbours:
        asked[gallery.key.model] = query
        return search(gallery, query, wish)

    monkeypatch.setattr(Gallery, "search", note)
    monkeypatch.setenv("ALEXCORE_GALLERIES", base)
    at = open_page("retrieval", rview="Side by side", rmodel="untrained-half", like=path)
    assert not at.exception and not at.error
    own, other = asked["half-b16-s1"], asked["untrained-half"]
    assert other.sha256 == own.sha256
    if lacking == "half-b16-s1":  # both are asked with the sidebar's
        assert own.name == other.name == "brook"
        return
    assert (other.label, other.known) == ("muse", True)
    np.testing.assert_allclose(
        other.vector.numpy(), rows.embeddings[rows.paths.index(path)], rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("view", ["Side by side", "Figure 4", "Map", "Quality"])
def test_every_view_opens_by_link(open_page: OpenPage, view: str) -> None:
    at = open_page("retrieval", rview=view)
    assert at.segmented_control(key="rview").value == view
    assert not at.exception and not at.error


def test_quality_is_held_against_pixels_and_chance(open_page: OpenPage) -> None:
    at = open_page("retrieval", rview="Quality")
    assert at.metric[0].label == "Precision@1"
    assert "5 validation pictures" in texts(at)
    assert list(at.dataframe[0].value.columns) == ["relu7", "pixels, 32 × 32"]


def test_figure_4_can_be_drawn_anew_and_chosen(open_page: OpenPage) -> None:
    at = open_page("retrieval", rview="Figure 4")
    assert at.download_button[0].label == "PNG"
    options = at.multiselect(key="figqueries").options
    assert len(options) == 5
    at.multiselect(key="figqueries").set_value(options[:2]).run()
    assert not at.exception and not at.error


def test_a_missing_gallery_is_offered_to_be_built(open_page: OpenPage) -> None:
    at = open_page("retrieval", model="untrained-half")
    assert "no gallery of creatures-train for untrained-half" in at.info[0].value
    assert [button.label for button in at.button][-1] == "Build the gallery"
    at = open_page("retrieval", node="pool5")
    assert "at pool5 yet" in at.info[0].value


def test_a_damaged_gallery_is_named(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    (whole,) = (data_folder / "galleries").glob("creatures-train-half-b16-s1-*")
    versions = tmp_path / "galleries" / whole.name / "_versions"
    versions.mkdir(parents=True)
    (versions / "1.manifest").write_bytes(b"half a file")
    at = open_page("retrieval")
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))
    at.run()
    assert len(at.error) == 1
    assert "cannot be read: it is damaged or half copied" in at.error[0].value


def test_a_gallery_of_other_weights_is_set_aside_on_request(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    """The folder is that of another run, under this run's name."""
    from tests.retrieval.test_stores import KEY, create_entry

    (whole,) = (data_folder / "galleries").glob("creatures-train-half-b16-s1-*")
    open_store(str(tmp_path / "other"), KEY).add([create_entry("a.png")], tmp_path)
    shutil.copytree(tmp_path / "other" / KEY.name, tmp_path / "galleries" / whole.name)
    at = open_page("retrieval")
    monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))
    at.run()
    assert "made with other weights of half-b16-s1" in at.error[0].value
    assert at.button[-1].label == "Archive and rebuild"
