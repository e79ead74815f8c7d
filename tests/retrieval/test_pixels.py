import numpy as np
import torch

from alexcore.datasets.creatures import draw_creature
from alexcore.images.decode import load_image
from alexcore.images.preprocessing import Preprocessing, to_array
from alexcore.retrieval.build import create_thumbnail
from alexcore.retrieval.pixels import embed_pixels, read_crop


def test_pixels_are_means_of_fields() -> None:
    """A crop of 64 x 64 in fields of 2 x 2, against the mean by hand."""
    crop = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    vector = embed_pixels(crop[None])[0].reshape(3, 32, 32)
    by_hand = crop.reshape(32, 2, 32, 2, 3).mean((1, 3)).transpose(2, 0, 1) / 255
    np.testing.assert_allclose(vector, by_hand, atol=1e-6)
    assert torch.from_numpy(vector).dtype == torch.float32


def test_a_thumbnail_stands_for_its_picture() -> None:
    image, other = load_image(draw_creature("muse", 1)), load_image(draw_creature("volt", 2))
    exact = embed_pixels(to_array(image, Preprocessing())[None])
    small = embed_pixels(read_crop(create_thumbnail(image), Preprocessing())[None])
    far = embed_pixels(to_array(other, Preprocessing())[None])
    assert np.linalg.norm(exact - small) < 0.15 * np.linalg.norm(exact - far)
