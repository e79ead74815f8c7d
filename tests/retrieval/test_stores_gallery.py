import io
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from alexcore.datasets.folder import OnProgress, scan_folder
from alexcore.errors import GalleryError, GalleryMissingError
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_tensor
from alexcore.inference.embeddings import create_embedder, create_pixel_embedder
from alexcore.retrieval.build import BuildReport, build_gallery
from alexcore.retrieval.store import GalleryKey, load_entries
from alexcore.retrieval.stores import open_store

CPU = torch.device("cpu")
KEY = GalleryKey("creatures", "half-b16", "classifier.4", Preprocessing(), "abc")


def _build(
    folder: Path, pictures: Path, model: nn.Module, on_progress: OnProgress | None = None
) -> BuildReport:
    embed = create_pixel_embedder(model, KEY.node, KEY.preprocessing, CPU)
    return build_gallery(open_store(str(folder), KEY), scan_folder(pictures), embed, on_progress)


@pytest.fixture
def pictures(creatures: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(creatures, tmp_path / "creatures"))


def test_build_keeps_every_picture_with_its_embedding(
    pictures: Path, half: nn.Module, tmp_path: Path
) -> None:
    steps: list[tuple[int, int]] = []
    listing = scan_folder(pictures)
    report = _build(tmp_path, pictures, half, lambda *at: steps.append(at))
    assert (report.rows, report.embedded, report.dropped) == (30, 30, 0)
    assert steps[-1] == (30, 30)
    rows = load_entries(open_store(str(tmp_path), KEY))
    assert rows.paths == tuple(item.path for item in listing.items)
    assert rows.labels == tuple(item.label for item in listing.items)
    assert rows.digests == tuple(item.sha256 for item in listing.items)
    assert rows.embeddings.dtype == np.float32
    embed = create_embedder(half)
    for place in (0, 17, 29):
        direct = embed(to_tensor(load_image(pictures / rows.paths[place]), Preprocessing()))[0]
        np.testing.assert_allclose(rows.embeddings[place], direct.numpy(), rtol=1e-3, atol=1e-5)
    thumbnail = open_store(str(tmp_path), KEY).load_thumbnails([rows.paths[3]])[rows.paths[3]]
    assert Image.open(io.BytesIO(thumbnail)).size == (192, 192)


def test_build_again_embeds_only_what_changed(
    pictures: Path, half: nn.Module, tmp_path: Path
) -> None:
    _build(tmp_path, pictures, half)
    before = open_store(str(tmp_path), KEY).find_version()
    same = _build(tmp_path, pictures, half)
    assert (same.embedded, same.dropped) == (0, 0)
    assert open_store(str(tmp_path), KEY).find_version() == before
    (pictures / "brook" / "brook-000.png").unlink()
    shutil.copy(pictures / "muse" / "muse-001.png", pictures / "volt" / "volt-000.png")
    shutil.copy(pictures / "muse" / "muse-002.png", pictures / "volt" / "it's new.png")
    changed = _build(tmp_path, pictures, half)
    assert (changed.rows, changed.embedded, changed.dropped) == (30, 2, 1)
    rows = load_entries(open_store(str(tmp_path), KEY))
    assert len(set(rows.paths)) == 30
    assert "volt/it's new.png" in open_store(str(tmp_path), KEY).load_thumbnails(
        ["volt/it's new.png"]
    )
    volt, muse = rows.paths.index("volt/volt-000.png"), rows.paths.index("muse/muse-001.png")
    np.testing.assert_allclose(rows.embeddings[volt], rows.embeddings[muse], atol=1e-6)


def test_build_names_unreadable_files(pictures: Path, half: nn.Module, tmp_path: Path) -> None:
    (pictures / "brook" / "note.jpg").write_text("dear diary")
    report = _build(tmp_path, pictures, half)
    assert report.rows == 30
    assert [path for path, _ in report.unreadable] == ["brook/note.jpg"]


def test_name_tells_models_and_preprocessings_apart() -> None:
    others = [
        replace(KEY, dataset="other"),
        replace(KEY, model="full-b8"),
        replace(KEY, node="features.12"),
        replace(KEY, preprocessing=Preprocessing(crop=224)),
    ]
    assert len({KEY.name, *(other.name for other in others)}) == 5


def test_gallery_rejects_other_weights(pictures: Path, half: nn.Module, tmp_path: Path) -> None:
    _build(tmp_path, pictures, half)
    other = replace(KEY, weights_digest="def")
    (tmp_path / KEY.name).rename(tmp_path / other.name)  # as a hand does that knows no better
    with pytest.raises(GalleryError, match="other weights of half-b16"):
        load_entries(open_store(str(tmp_path), other))


def test_gallery_rejects_missing_and_damaged(tmp_path: Path) -> None:
    with pytest.raises(GalleryMissingError, match="there is no gallery creatures-all-half-b16"):
        load_entries(open_store(str(tmp_path), KEY))
    versions = tmp_path / KEY.name / "_versions"
    versions.mkdir(parents=True)
    (versions / "1.manifest").write_bytes(b"half a file")
    with pytest.raises(GalleryError, match="damaged or half copied"):
        load_entries(open_store(str(tmp_path), KEY))


@pytest.mark.parametrize("damage", [b"", b"half", b"noise", None])
def test_gallery_rejects_a_damaged_file_and_leaves_it(
    damage: bytes | None, pictures: Path, half: nn.Module, tmp_path: Path
) -> None:
    _build(tmp_path, pictures, half)
    (file,) = (tmp_path / KEY.name / "data").iterdir()
    whole = file.read_bytes()
    if damage is None:
        file.unlink()
    else:
        noise = np.random.default_rng(0).bytes(len(whole))
        file.write_bytes({b"half": whole[: len(whole) // 2], b"noise": noise}.get(damage, b""))
    before = sorted((tmp_path / KEY.name).rglob("*"))
    store = open_store(str(tmp_path), KEY)
    for read in (
        lambda: load_entries(store),
        store.list_digests,
        lambda: store.load_thumbnails(["brook/brook-000.png"]),
        lambda: _build(tmp_path, pictures, half),
    ):
        with pytest.raises(GalleryError, match="damaged or half copied"):
            read()
    assert sorted((tmp_path / KEY.name).rglob("*")) == before
