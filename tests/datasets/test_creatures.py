import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from alexcore.datasets.creatures import (
    SETS,
    SPECIES_NAMES,
    create_creatures,
    create_samples,
    draw_creature,
)
from alexcore.errors import DatasetError


def test_draw_is_a_function_of_species_and_seed() -> None:
    assert draw_creature("volt", 3) == draw_creature("volt", 3)
    assert draw_creature("volt", 3) != draw_creature("volt", 4)
    assert draw_creature("volt", 3) != draw_creature("sprig", 3)


def test_draw_gives_opaque_pictures_of_the_size_asked_for() -> None:
    image = Image.open(io.BytesIO(draw_creature("muse", 1, size=100)))
    assert image.size == (100, 100)
    assert image.getchannel("A").getextrema() == (255, 255)


def test_colour_alone_does_not_give_the_species_away() -> None:
    """Nearest centroid of the mean colour, trained on 80 a class, judged on 20 others."""

    def mean_colour(species: str, seed: int) -> npt.NDArray[np.uint8]:
        image = Image.open(io.BytesIO(draw_creature(species, seed, size=48))).convert("RGB")
        return np.array(image.resize((1, 1), Image.Resampling.BOX)).reshape(3)

    means = np.array([[mean_colour(s, seed) for seed in range(100)] for s in SPECIES_NAMES])
    centroids = means[:, :80].mean(axis=1)
    distances = np.linalg.norm(means[:, 80:, None] - centroids, axis=-1)
    accuracy = (distances.argmin(-1) == np.arange(5)[:, None]).mean()
    assert accuracy < 0.6


def test_create_keeps_what_is_drawn_and_counts(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    create_creatures(tmp_path, per_species=2, on_progress=lambda *at: calls.append(at))
    assert calls[-1] == (10, 10)
    assert len(list(tmp_path.glob("*/*.png"))) == 10
    kept = tmp_path / "volt" / "volt-001.png"
    kept.write_bytes(b"mine")
    create_creatures(tmp_path, per_species=2)
    assert kept.read_bytes() == b"mine"


def test_create_rejects_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match="cannot draw the set 'creatures'"):
        create_creatures(tmp_path / "file")


def test_draw_rejects_unknown_species() -> None:
    with pytest.raises(DatasetError, match="no species 'dragon'; there are brook"):
        draw_creature("dragon", 0)


def test_shipped_samples_are_what_the_code_draws(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "sample_images"
    for path in create_samples(tmp_path):
        ours = np.asarray(Image.open(path).convert("RGB")).astype(int)
        theirs = np.asarray(Image.open(shipped / path.name).convert("RGB")).astype(int)
        assert np.abs(ours - theirs).max() <= 2, path.name


def test_sets_are_their_pictures_by_seed() -> None:
    """The demo set keeps the 1,000 pictures it was published with; test sides have other seeds."""
    for drawn in SETS.values():
        train, test = drawn.list_pictures(), drawn.list_pictures(test=True)
        assert len(train) == len(drawn.species) * drawn.pictures and len(test) == 2000
        assert max(seed for _, seed in train) < 10_000 <= min(seed for _, seed in test)
    assert len(SETS["creatures"].list_pictures()) == 1000
    assert len(SETS["creatures-large"].list_pictures()) * 0.8 == 8000  # a fifth is validation
    first = {name: draw_creature("muse", 7, 64, set=name) for name in SETS}
    assert len(set(first.values())) == 3


@pytest.mark.parametrize("name", ["creatures", "creatures-large", "creatures-hard"])
def test_a_background_changes_no_more_than_itself(name: str) -> None:
    scene = SETS[name].compose("brook", 3)
    other = SETS[name].compose("brook", 3, background_seed=5)
    assert scene.background != other.background
    assert replace(scene, background="", behind="") == replace(other, background="", behind="")


def test_a_drawing_on_all_cores_is_the_drawing_on_one(tmp_path: Path) -> None:
    create_creatures(tmp_path / "all", per_species=18)  # 90 pictures: two workers
    create_creatures(tmp_path / "few", per_species=2)
    for path in (tmp_path / "few").glob("*/*.png"):
        assert path.read_bytes() == (tmp_path / "all" / path.parent.name / path.name).read_bytes()


def test_a_drawing_cut_short_goes_on(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_creatures(tmp_path, 18, stop)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*.png")}
    assert len(kept) == 20
    calls: list[tuple[int, int]] = []
    create_creatures(tmp_path, 18, lambda *at: calls.append(at))
    assert calls[0] == (21, 90) and calls[-1] == (90, 90)
    assert kept.items() <= {p: p.stat().st_mtime_ns for p in tmp_path.glob("*/*.png")}.items()


def test_sets_reject_unknown_names() -> None:
    with pytest.raises(DatasetError, match="no drawn set 'beasts'; there are creatures, creat"):
        draw_creature("muse", 0, set="beasts")
    with pytest.raises(DatasetError, match="no species 'reef'; there are brook"):
        draw_creature("reef", 0, set="creatures-large")
