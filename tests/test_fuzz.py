"""Mutated files of every format: a picture or ``ImageError`` comes out, nothing else, in time."""

import io
import random
import time

import numpy as np
import pytest
from PIL import Image

from alexcore.errors import ImageError
from alexcore.images.decode import load_image

_KINDS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "HEIF", "ICO", "JPEG2000")
_SECONDS = 20
_WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff")


def _create(kind: str, rng: random.Random) -> bytes:
    pixels = np.random.default_rng(rng.randrange(99)).integers(0, 255, (48, 64, 3), np.uint8)
    image = Image.fromarray(pixels)
    options: dict[str, object] = {}
    if kind in ("GIF", "WEBP", "PNG") and rng.random() < 0.3:
        options = {"save_all": True, "append_images": [image.rotate(90), image]}
    if kind in ("PNG", "WEBP", "TIFF") and rng.random() < 0.3:
        image = image.convert("RGBA")
    if kind in ("JPEG", "PNG", "WEBP", "TIFF") and rng.random() < 0.5:
        exif = Image.Exif()
        exif[0x0112] = rng.randint(0, 9)
        options["exif"] = exif.tobytes()
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _mutate(data: bytes, rng: random.Random) -> bytes:
    """Flip, cut, repeat, drop or overwrite; headers more often than the rest."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(min(len(changed), 128) if rng.random() < 0.5 else len(changed))
        kind = rng.randrange(6)
        if kind == 0:
            changed[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            changed[at] = rng.choice([0, 1, 127, 128, 255])
        elif kind == 2:
            changed[at : at + 4] = rng.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"]
            )
        elif kind == 3:
            del changed[at : at + rng.randint(1, 40)]
        elif kind == 4:
            changed[at:at] = changed[at : at + rng.randint(1, 40)]
        else:
            changed = changed[: max(at, 1)]
        if not changed:
            return b"\0"
    return bytes(changed)


def _fuzz(count: int, seed: int) -> tuple[int, int]:
    rng = random.Random(seed)
    read = refused = 0
    for number in range(count):
        data = _mutate(_create(_KINDS[number % len(_KINDS)], rng), rng)
        began = time.process_time()
        try:
            image = load_image(data)
        except ImageError as error:
            assert str(error)
            refused += 1
        else:
            assert image.mode == "RGB" and min(image.size) >= 1
            read += 1
        assert time.process_time() - began < _SECONDS, f"seed {seed}, number {number}"
    return read, refused


def test_five_hundred_mutated_files_give_a_picture_or_an_error() -> None:
    read, refused = _fuzz(500, 0)
    assert read > 50 and refused > 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_twenty_thousand_mutated_files_give_a_picture_or_an_error(seed: int) -> None:
    _fuzz(5_000, seed)
