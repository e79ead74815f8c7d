"""The pixel space the paper holds its hidden layer against: small pictures as vectors."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from PIL import Image

from alexcore.images.preprocessing import Preprocessing, to_array
from alexcore.retrieval.store import Entries, Store

SIDE = 32


def embed_pixels(crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Return crops (N, c, c, 3) averaged to 32 x 32 pixels, as float32 (N, 3072) in [0, 1]."""
    import torch

    x = torch.tensor(crops).permute(0, 3, 1, 2).float() / 255
    small = torch.nn.functional.adaptive_avg_pool2d(x, SIDE)
    vectors: npt.NDArray[np.float32] = small.flatten(1).numpy()
    return vectors


def load_pixel_rows(
    store: Store, entries: Entries, preprocessing: Preprocessing
) -> npt.NDArray[np.float32]:
    """Return (N, 3072) of a gallery, from its thumbnails.

    Raises:
        GalleryError: The gallery cannot be read.
    """

    def embed(chunk: tuple[str, ...]) -> npt.NDArray[np.float32]:
        files = store.load_thumbnails(chunk)
        return embed_pixels(np.stack([read_crop(files[path], preprocessing) for path in chunk]))

    chunks = [entries.paths[start : start + 256] for start in range(0, len(entries.paths), 256)]
    with ThreadPoolExecutor() as pool:
        return np.concatenate(list(pool.map(embed, chunks)))


def read_crop(thumbnail: bytes, preprocessing: Preprocessing) -> npt.NDArray[np.uint8]:
    """Return the crop (c, c, 3) of a gallery's own WebP file."""
    return to_array(Image.open(io.BytesIO(thumbnail)).convert("RGB"), preprocessing)
