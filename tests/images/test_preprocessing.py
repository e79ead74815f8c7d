import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from alexcore.images.preprocessing import Preprocessing, to_array, to_tensor


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (256, 256), (1000, 257), (100, 90)])
def test_to_tensor_equals_torchvision(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), np.uint8))
    preprocessing = Preprocessing()
    theirs = v2.Compose(
        [
            v2.Resize(256),
            v2.CenterCrop(227),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(preprocessing.mean, preprocessing.std),
        ]
    )(image)
    ours = to_tensor(image, preprocessing)
    assert ours.shape == (1, 3, 227, 227)
    torch.testing.assert_close(ours[0], theirs, rtol=0, atol=1e-6)


def test_digest_changes_with_any_field() -> None:
    digests = {
        Preprocessing().digest,
        Preprocessing(crop=224).digest,
        Preprocessing(mean=(0.5, 0.5, 0.5)).digest,
    }
    assert len(digests) == 3
    assert Preprocessing().digest == Preprocessing().digest


@pytest.mark.parametrize("size", [224, 227])
def test_for_input_sees_the_crop_the_article_s_transforms_see(size: int) -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (300, 400, 3), np.uint8))
    theirs = v2.Compose([v2.Resize(256), v2.CenterCrop(size), v2.ToImage()])(image)
    ours = to_array(image, Preprocessing.for_input(size))
    assert np.array_equal(ours, theirs.permute(1, 2, 0).numpy())


@pytest.mark.parametrize(
    ("size", "resize"), [(1, 1), (32, 37), (63, 72), (199, 227), (200, 256), (240, 256), (299, 342)]
)
def test_for_input_keeps_a_margin_in_proportion_at_other_sizes(size: int, resize: int) -> None:
    """A net of 32 pixels sees nearly the whole picture too, as one of 224 does: 7/8 of its side."""
    assert Preprocessing.for_input(size).resize == resize


def test_preprocessing_rejects_a_crop_larger_than_the_picture() -> None:
    with pytest.raises(ValueError, match="crop=300 and resize=256"):
        Preprocessing(crop=300)
