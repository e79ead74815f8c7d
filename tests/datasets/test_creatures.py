import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from alexcore.datasets.creatures import (
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
    with pytest.raises(DatasetError, match="cannot draw the demo set"):
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
