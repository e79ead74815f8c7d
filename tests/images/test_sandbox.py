"""A picture that hangs or breaks its decoder harms nobody else; any other arrives unchanged."""

import io
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import psutil
import pytest
from PIL import Image

from alexcore.errors import ImageError
from alexcore.images.decode import WHITE
from alexcore.images.preprocessing import Preprocessing
from alexcore.images.sandbox import Decoder, prepare_picture
from tests.waiting import wait_for


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    """Both its processes run already, so that the seconds are those of decoding."""
    decoder = Decoder(processes=2, seconds=10)
    plain = _encode(Image.new("RGB", (8, 8)))
    with ThreadPoolExecutor(2) as both:
        list(both.map(decoder.decode, [plain] * 2, [WHITE] * 2, [Preprocessing()] * 2))
    yield decoder
    decoder.close()


def _encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _create_hanging_jpeg(side: int = 6000, scans: int = 4000) -> bytes:
    """A progressive JPEG whose last scan is there again and again: small, and minutes of work."""
    data = _encode(Image.new("L", (side, side), 90), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * scans + data[-2:]


def test_a_picture_comes_back_as_decoded_here(decoder: Decoder) -> None:
    noise = Image.effect_noise((1200, 800), 80).convert("RGB")
    there = decoder.decode(_encode(noise), WHITE, Preprocessing())
    here = prepare_picture(_encode(noise), WHITE, Preprocessing())
    assert np.array_equal(there.pixels, here.pixels) and there.pixels.shape == (227, 227, 3)
    assert there.display.tobytes() == here.display.tobytes() and there.display.size == (900, 600)
    assert (there.size, there.frames, there.transparent) == ((1200, 800), 1, False)


def test_the_background_shows_through(decoder: Decoder) -> None:
    clear = _encode(Image.new("RGBA", (300, 300), (0, 0, 0, 0)))
    picture = decoder.decode(clear, (10, 200, 30), Preprocessing())
    assert picture.transparent and picture.pixels[100, 100].tolist() == [10, 200, 30]


def test_decoder_rejects_what_is_no_picture(decoder: Decoder) -> None:
    with pytest.raises(ImageError, match="not a picture we can read"):
        decoder.decode(b"dear diary", WHITE, Preprocessing())


def test_decoder_rejects_a_picture_that_hangs_while_others_go_on(decoder: Decoder) -> None:
    hanging, plain = _create_hanging_jpeg(), _encode(Image.new("RGB", (300, 300), "red"))
    assert len(hanging) < 1_000_000
    with ThreadPoolExecutor(1) as other:
        began = time.monotonic()
        stuck = other.submit(decoder.decode, hanging, WHITE, Preprocessing())
        meanwhile = [decoder.decode(plain, WHITE, Preprocessing()).size for _ in range(20)]
        assert not stuck.done() and meanwhile == [(300, 300)] * 20
        with pytest.raises(ImageError, match="given up after 10 seconds"):
            stuck.result()
        assert time.monotonic() - began < 30
    assert decoder.decode(plain, WHITE, Preprocessing()).size == (300, 300)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds to the limit")
def test_decoder_rejects_a_picture_that_needs_more_memory() -> None:
    decoder = Decoder(processes=1, memory=1_000_000_000)
    vast = _encode(Image.new("RGBA", (10_000, 9_000)))
    with pytest.raises(ImageError, match="needs more memory than there is"):
        decoder.decode(vast, WHITE, Preprocessing())
    plain = _encode(Image.new("RGB", (300, 300), "red"))
    assert decoder.decode(plain, WHITE, Preprocessing()).size == (300, 300)
    decoder.close()


def test_decoder_rejects_a_picture_that_breaks_its_process() -> None:
    decoder = Decoder(processes=1, seconds=300)
    before = set(psutil.Process().children())

    def find_decoding() -> list[psutil.Process]:
        """Two seconds of work are more than it takes to start."""
        new = set(psutil.Process().children()) - before
        workers = [child for child in new if "popen_loky" in " ".join(child.cmdline())]
        return [worker for worker in workers if worker.cpu_times().user > 2]

    def kill() -> None:
        for worker in wait_for(find_decoding):
            worker.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(ImageError, match="the decoder broke down"):
        decoder.decode(_create_hanging_jpeg(), WHITE, Preprocessing())
    killer.join()
    plain = _encode(Image.new("RGB", (300, 300), "red"))
    assert decoder.decode(plain, WHITE, Preprocessing()).size == (300, 300)
    decoder.close()
