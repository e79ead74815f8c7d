import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from alexcore.dashboard.retrieval.neighbours import create_cards, write_csv
from alexcore.retrieval.gallery import Gallery, Query
from tests.dashboard.conftest import OpenPage, texts
from tests.dashboard.test_pages import create_photo

OFFER = "Use the ImageNet weights"


def upload(at: AppTest, name: str, data: bytes) -> None:
    at.file_uploader(key="uploader").set_value((name, data, "image/png")).run()
    assert not at.exception and not at.error
    assert str(at.selectbox(key="image").value).startswith(Path(name).stem)


def notes(at: AppTest) -> list[str]:
    return [caption.value for caption in at.main.caption if "drawn creatures" in caption.value]


@pytest.mark.parametrize("page", ["feature_maps", "retrieval"])
def test_a_strangers_photo_is_met_by_one_line(
    open_page: OpenPage, page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    at = open_page(page)
    assert not notes(at)
    upload(at, "holiday.jpg", create_photo())
    (note,) = notes(at)
    assert note.startswith("half-b16-s1 knows 5 drawn creatures and nothing else.")
    assert "ALEXCORE_PICTURES" in note and "alexcore embed --data FOLDER" in note
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    next(button for button in at.button if button.label == OFFER).click().run()
    assert at.selectbox(key="model").value == "imagenet"
    assert str(at.selectbox(key="image").value).startswith("holiday")
    assert "could not be downloaded" in at.error[0].value  # it was tried, as by the picker
    assert not notes(at)


def refuse(*_: object, **__: object) -> None:
    raise OSError("no route to host")


@pytest.mark.parametrize("model", ["untrained-half", "imagenet"])
def test_other_nets_meet_a_photo_without_a_line(
    open_page: OpenPage, model: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", refuse)
    at = open_page("feature_maps", model=model)
    at.file_uploader(key="uploader").set_value(("a.png", create_photo(), "image/png")).run()
    assert not notes(at)


def test_read_only_offers_what_is_here_alone(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALEXCORE_READ_ONLY", "1")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    at = open_page("feature_maps")
    upload(at, "holiday.jpg", create_photo())
    button = next(button for button in at.button if button.label == OFFER)
    assert button.disabled and "read-only" in button.help


@pytest.mark.parametrize("kind", ["sample", "validation", "drawn"])
def test_drawn_pictures_are_no_strangers(
    open_page: OpenPage, kind: str, creatures: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A shipped picture, one the run was judged with, and one of the set drawn on this machine."""
    path = {
        "sample": Path("sample_images/hard-night.png"),
        "validation": creatures / "brook" / "brook-000.png",
        "drawn": creatures / "brook" / "brook-001.png",
    }[kind]
    at = open_page("feature_maps")
    if kind == "drawn":
        monkeypatch.setenv("ALEXCORE_DATA", str(tmp_path))
        shutil.copytree(creatures, tmp_path / "creatures-1" / "creatures")
    upload(at, path.name, path.read_bytes())
    assert not notes(at)


def test_a_picture_of_the_gallery_keeps_its_class(open_page: OpenPage, creatures: Path) -> None:
    """It is known by its bytes, wherever it comes from."""
    at = open_page("retrieval", k="20")
    upload(at, "mine.png", (creatures / "volt" / "volt-004.png").read_bytes())
    assert "neighbours have the query's class, volt" in texts(at)
    assert "; predicted: " not in texts(at)
    at.toggle(key="foldcopies").set_value(False).run()
    assert "The 20 nearest of 30" in texts(at)


def test_an_uploads_class_is_called_a_prediction(open_page: OpenPage) -> None:
    at = open_page("retrieval")
    upload(at, "holiday.jpg", create_photo())
    (line,) = [element.value for element in at.markdown if " neighbours have " in element.value]
    assert line.startswith("● **") and "the class the net predicts, " in line
    assert any("; predicted: " in caption.value for caption in at.caption)
    at.segmented_control(key="rview").set_value("Side by side").run()
    shown = [caption.value for caption in at.caption if " of 6 have " in caption.value]
    assert shown and all("the class half-b16-s1 predicts, " in text for text in shown)
    assert not at.exception and not at.error


class _Entries:
    paths = ("a/1.png", "a/2.png", "b/3.png", "4.png")
    labels = ("a", "a", "b", "")
    digests = ("1", "2", "3", "4")


class _Gallery:
    entries = _Entries()

    def load_thumbnails(self, paths: list[str]) -> dict[str, bytes]:
        return dict.fromkeys(paths, b"")


class _Near:
    indices = (2, 0, 3)
    distances = np.array([1.0, 2.0, 3.0], np.float32)


def ask(label: str, known: bool) -> Query:
    shown = Image.new("RGB", (8, 8))
    return Query("q", torch.zeros(2), np.asarray(shown), shown, label, known, "half", "0")


@pytest.mark.parametrize(
    ("known", "said"), [(True, "known"), (False, "predicted by half")], ids=["known", "predicted"]
)
def test_the_csv_says_whose_class_it_is(known: bool, said: str) -> None:
    text = write_csv(ask("a", known), _Gallery(), _Near())  # type: ignore[arg-type]
    table = pd.read_csv(io.StringIO(text), keep_default_na=False)
    assert list(table["picture"]) == ["b/3.png", "a/1.png", "4.png"]
    assert list(table["class"]) == ["b", "a", ""]
    assert set(table["query class"]) == {"a"} and set(table["query class is"]) == {said}


def test_marks_of_a_known_class_judge_and_of_a_predicted_one_do_not() -> None:
    cards = {
        known: create_cards(ask("a", known), _Gallery(), _Near())  # type: ignore[arg-type]
        for known in (True, False)
    }
    assert [card.tone for card in cards[True]] == ["bad", "good", "plain"]
    assert [card.title for card in cards[True]] == ["b", "a", "4.png"]
    assert [card.tone for card in cards[False]] == ["plain"] * 3
    assert [card.title for card in cards[False]] == ["b", "● a", "4.png"]
    assert cards[True][0].alt == "Neighbour b/3.png, of another class"
    assert cards[False][1].alt == "Neighbour a/1.png, of the class predicted for the query"
    agreeing = Gallery.find_agreeing(_Gallery(), ask("", True), _Near())  # type: ignore[arg-type]
    assert agreeing == [False] * 3


def test_beside_the_classes_stands_how_usual_such_an_answer_is(open_page: OpenPage) -> None:
    at = open_page("feature_maps", image="brook")
    assert "half-b16-s1 is about as sure as on most of its validation pictures." in texts(at)
    at = open_page("feature_maps", image="volt")  # 66%
    assert "half-b16-s1 is less sure than on 96% of its validation pictures." in texts(at)
    at = open_page("feature_maps", model="untrained-half")
    assert "validation pictures." not in texts(at)


def test_a_damaged_list_of_predictions_is_named_on_feature_maps(
    open_page: OpenPage, tmp_path: Path
) -> None:
    run = tmp_path / "runs" / "mine"
    shutil.copytree("checkpoints/half-b16-s1", run)
    (run / "validation.csv").write_text("path,label\nx,y\n")
    at = open_page("feature_maps", model="mine")
    (error,) = at.error
    assert "validation.csv is damaged" in error.value
    assert "**relu1** (`features.1`): 48 channels" in texts(at)
    at.file_uploader(key="uploader").set_value(("a.png", create_photo(), "image/png")).run()
    assert len(notes(at)) == len(at.error) == 1
    (run / "validation.csv").unlink()
    at = open_page("feature_maps", model="mine")
    assert not at.error and "validation pictures." not in texts(at)
