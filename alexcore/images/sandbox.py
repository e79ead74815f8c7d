"""Pictures of strangers, decoded in a process of its own that may hang, crash or grow.

bytes -> ``Decoder`` -> [another process: ``decode_image``, resized and cropped] -> ``Picture``.
What comes back is small: the full-size picture never enters the server's memory.
"""

from __future__ import annotations

import queue
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from loky import BrokenProcessPool, ProcessPoolExecutor
from PIL import Image

from alexcore.errors import ImageError
from alexcore.images.decode import decode_image
from alexcore.images.preprocessing import Preprocessing, crop_square

SECONDS = 20.0
MAX_MEMORY = 4_000_000_000
_DISPLAY_SIDE = 900
_IDLE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: what the net receives, and one to show.

    Attributes:
        square: The middle of it, which crops are cut from, (resize, resize, 3) uint8.
        pixels: The centre of that, (crop, crop, 3) uint8.
        display: At most 900 pixels on a side.
        size: Width and height of the original.
        frames: Of an animation; the first is the picture.
        transparent: Whether the background shows through anywhere.
    """

    square: npt.NDArray[np.uint8]
    pixels: npt.NDArray[np.uint8]
    display: Image.Image
    size: tuple[int, int]
    frames: int
    transparent: bool


def prepare_picture(
    data: bytes | Path, background: tuple[int, int, int], preprocessing: Preprocessing
) -> Picture:
    """Decode, resize and crop in this process.

    A large JPEG is decoded at the scale needed: at least twice what ``preprocessing`` resizes to,
    and no less than what is shown.

    Raises:
        ImageError: The bytes are no picture.
    """
    decoded = decode_image(data, background, (2 * preprocessing.resize, _DISPLAY_SIDE))
    image = decoded.image
    scale = min(1.0, _DISPLAY_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    display = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=1.0)
    square = np.asarray(crop_square(image.convert("RGB"), preprocessing))
    top, left = preprocessing.corners[-1]
    pixels = square[top : top + preprocessing.crop, left : left + preprocessing.crop]
    return Picture(square, pixels, display, decoded.size, decoded.frames, decoded.transparent)


class Decoder:
    """Decodes in processes that are replaced when they hang or crash.

    Each file goes to a process that has no other, so that stopping one harms nobody else.
    """

    def __init__(
        self, processes: int = 2, seconds: float = SECONDS, memory: int = MAX_MEMORY
    ) -> None:
        """Decode up to ``processes`` files at once, each within ``seconds`` and ``memory`` bytes.

        The processes start when first needed and end when idle.
        """
        self._seconds, self._memory = seconds, memory
        self._idle: queue.LifoQueue[ProcessPoolExecutor] = queue.LifoQueue()
        for _ in range(processes):
            self._idle.put(self._create_process())

    def decode(
        self, data: bytes, background: tuple[int, int, int], preprocessing: Preprocessing
    ) -> Picture:
        """Return the picture, whatever becomes of the process that decodes it.

        Raises:
            ImageError: The bytes are no picture, take too long, or break the decoder.
        """
        process = self._idle.get()
        try:
            answer = process.submit(prepare_picture, data, background, preprocessing)
            picture: Picture = answer.result(self._seconds)
            return picture
        except TimeoutError as error:
            process.shutdown(kill_workers=True)
            process = self._create_process()
            raise ImageError(
                f"this picture was given up after {self._seconds:.0f} seconds of decoding. Scale "
                "it down, or save it again as JPEG or PNG."
            ) from error
        except BrokenProcessPool as error:
            process = self._create_process()
            raise ImageError(
                "the decoder broke down over this picture. Save it again as JPEG or PNG."
            ) from error
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes; no picture may be on its way."""
        while not self._idle.empty():
            self._idle.get().shutdown(kill_workers=True)

    def _create_process(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1, timeout=_IDLE_SECONDS, initializer=_limit_memory, initargs=(self._memory,)
        )


def _limit_memory(size: int) -> None:
    """Bound what decoding may take, where the system can."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
