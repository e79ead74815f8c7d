"""The same calls on every store: a folder, an S3 server on this machine, a Milvus Lite file."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from alexcore.errors import GalleryError, GalleryMissingError
from alexcore.images.preprocessing import Preprocessing
from alexcore.retrieval.store import Entry, GalleryKey, Store, load_entries
from alexcore.retrieval.stores import open_store

KEY = GalleryKey("pets", "half-b16", "classifier.4", Preprocessing(), "abc")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """An S3 server of moto's with an empty bucket."""
    boto3 = pytest.importorskip("boto3")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    patch = pytest.MonkeyPatch()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }.items():
        patch.setenv(name, value)
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="galleries")
    yield "s3://galleries/here"
    patch.undo()
    server.stop()


@pytest.fixture(params=["folder", "s3", "milvus"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "s3":
        return f"{request.getfixturevalue('s3')}/{time.time_ns()}"
    if request.param == "milvus":
        pytest.importorskip("pymilvus")
        return f"milvus:{tmp_path / 'galleries.db'}"
    return str(tmp_path / "galleries")


def create_entry(path: str, label: str = "cat") -> Entry:
    vector = RNG.normal(size=16).astype(np.float32)
    return Entry(path, label, f"{path}-digest"[:64], b"RIFFwebp", vector)


def test_rows_come_back_and_are_searched_alike(base: str, tmp_path: Path) -> None:
    store: Store = open_store(base, KEY)
    assert store.list_digests() == {}
    with pytest.raises(GalleryMissingError, match="there is no gallery pets-all-half-b16"):
        store.find_version()
    rows = [create_entry(f"dog/{i:02d}.png") for i in range(20)] + [create_entry("cat/it's.png")]
    store.add(rows[:15], tmp_path)
    store.add(rows[15:], tmp_path)
    found = load_entries(store)
    assert found.paths == ("cat/it's.png", *(f"dog/{i:02d}.png" for i in range(20)))
    assert found.root == tmp_path.resolve()
    np.testing.assert_array_equal(found.embeddings[1], rows[0].embedding)
    assert store.load_thumbnails(["cat/it's.png"]) == {"cat/it's.png": b"RIFFwebp"}
    assert sum(len(part.paths) for part in store.iterate(4)) == 21
    query = RNG.normal(size=16).astype(np.float32)
    expected = np.linalg.norm(found.embeddings - query, axis=1)
    near = store.search(query, 5, "euclidean")
    assert [path for path, _ in near] == [found.paths[i] for i in expected.argsort()[:5]]
    np.testing.assert_allclose([d for _, d in near], np.sort(expected)[:5], rtol=1e-4)


def test_a_path_is_replaced_not_repeated(base: str, tmp_path: Path) -> None:
    store = open_store(base, KEY)
    store.add([create_entry("a.png"), create_entry("b.png")], tmp_path)
    store.add([create_entry("b.png", "dog"), create_entry("c.png")], tmp_path)
    store.delete(["a.png"])
    store.tidy()
    rows = load_entries(open_store(base, KEY))
    assert rows.paths == ("b.png", "c.png")
    assert rows.labels == ("dog", "cat")


@pytest.mark.parametrize(
    "change", [{"weights_digest": "def"}, {"split": "train"}, {"model": "checkpoints/half-b16-s1"}]
)
def test_galleries_of_other_weights_splits_and_models_live_side_by_side(
    base: str, change: dict[str, str], tmp_path: Path
) -> None:
    store = open_store(base, KEY)
    store.add([create_entry("a.png")], tmp_path)
    other = open_store(base, replace(KEY, **change))  # type: ignore[arg-type]
    with pytest.raises(GalleryMissingError):
        load_entries(other)
    other.add([create_entry("b.png")], tmp_path)
    assert load_entries(other).paths == ("b.png",)
    assert load_entries(store).paths == ("a.png",)


def test_a_gallery_is_set_aside(base: str, tmp_path: Path) -> None:
    store = open_store(base, KEY)
    store.add([create_entry("a.png")], tmp_path)
    if base.startswith("s3"):
        with pytest.raises(GalleryError, match="by hand"):
            store.set_aside()
        return
    store.set_aside()
    with pytest.raises(GalleryMissingError):
        load_entries(store)
    store.add([create_entry("b.png")], tmp_path)
    assert load_entries(store).paths == ("b.png",)


def test_a_power_cut_costs_the_last_commit_alone(tmp_path: Path) -> None:
    """The newest manifest holds nothing but zeros; it is set aside, not deleted."""
    store = open_store(str(tmp_path), KEY)
    store.add([create_entry("a.png")], tmp_path)
    first = sorted((tmp_path / KEY.name / "_versions").iterdir())
    store.add([create_entry("b.png")], tmp_path)
    (newest,) = set((tmp_path / KEY.name / "_versions").glob("*.manifest")) - set(first)
    newest.write_bytes(bytes(newest.stat().st_size))
    assert load_entries(open_store(str(tmp_path), KEY)).paths == ("a.png",)
    assert newest.with_suffix(".empty").exists()


def test_milvus_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pymilvus", None)
    with pytest.raises(GalleryError, match=r"pip install .*\[milvus\]"):
        open_store("milvus:somewhere.db", KEY)


def test_a_file_system_without_hard_links_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    with pytest.raises(GalleryError, match="Commits need hard links"):
        open_store(str(tmp_path), KEY).add([create_entry("a.png")], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_commit_changes_the_version_an_update_too(base: str, tmp_path: Path) -> None:
    """An updated picture leaves the number of rows as it is."""
    store = open_store(base, KEY)
    store.add([create_entry("a.png"), create_entry("b.png")], tmp_path)
    versions = [store.find_version()]
    store.add([replace(create_entry("a.png"), label="another")], tmp_path)
    versions.append(store.find_version())
    store.delete(["b.png"])
    versions.append(store.find_version())
    assert len(set(versions)) == 3
    assert open_store(base, KEY).find_version() == versions[-1]


def test_a_gallery_that_is_built_anew_has_another_version(tmp_path: Path) -> None:
    """Lance counts its commits from 1 again."""
    versions = set()
    for _ in range(2):
        store = open_store(str(tmp_path), KEY)
        store.add([create_entry("a.png")], tmp_path)
        versions.add(store.find_version())
        store.set_aside()
    assert len(versions) == 2
