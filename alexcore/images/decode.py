"""The one door for untrusted pictures: bytes in, an upright RGB image out, or ``ImageError``."""

import io
import warnings
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError
from PIL.ExifTags import Base
from pillow_heif import register_heif_opener

from alexcore.errors import ImageError

register_heif_opener()

MAX_BYTES = 50_000_000
MAX_PIXELS = 120_000_000
MIN_SIDE = 2

_FORMATS = (
    "JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "HEIF", "ICO", "JPEG2000", "PPM",
)  # fmt: skip
_CLEAR_MODES = ("RGBA", "LA", "PA", "La", "RGBa")
_SUPPORTED = "JPEG, PNG, GIF, WebP, AVIF, HEIC, BMP or TIFF"

_LYING = (5, 6, 7, 8)  # EXIF orientations that turn by a quarter
WHITE = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A picture and what is said of its file beside it.

    Attributes:
        image: Upright RGB in sRGB, 8 bits a channel, with no metadata.
        size: Width and height of the upright original, which the image may be a half, a quarter
            or an eighth of.
        frames: Of an animation; the first is the image.
        transparent: Whether the background shows through anywhere.
    """

    image: Image.Image
    size: tuple[int, int]
    frames: int
    transparent: bool


def load_image(source: bytes | Path, background: tuple[int, int, int] = WHITE) -> Image.Image:
    """Return one picture as ``decode_image`` does, without the facts of its file."""
    return decode_image(source, background).image


def decode_image(
    source: bytes | Path,
    background: tuple[int, int, int] = WHITE,
    enough: tuple[int, int] | None = None,
) -> DecodedImage:
    """Decode one picture, whatever its name says it is.

    Args:
        source: The file's bytes, or its path. Of an animation the first frame is taken.
        background: What shows through transparent pixels, as 8-bit sRGB.
        enough: Pixels on the shorter and on the longer side that are enough. A JPEG that has twice
            as many or more is decoded at a half, a quarter or an eighth of its scale, straight
            from its frequencies, which takes a fraction of the time.

    Raises:
        ImageError: The file is missing, too large, not a picture, or damaged.
    """
    data = _read_bytes(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                _check_size(image)
                frames = _count_frames(image)
                size = image.size
                if enough:
                    factor = min(min(size) / enough[0], max(size) / enough[1])
                    image.draft(None, (ceil(size[0] / factor), ceil(size[1] / factor)))
                image.load()
                transparent = _shows_through(image)
                upright = _to_srgb(ImageOps.exif_transpose(image))
                if image.getexif().get(Base.Orientation) in _LYING:
                    size = (size[1], size[0])
                return DecodedImage(_to_rgb(upright, background), size, frames, transparent)
        except UnidentifiedImageError as error:
            raise ImageError(
                f"this file is not a picture we can read ({len(data):,} bytes{_guess(data)}). "
                f"Use {_SUPPORTED}."
            ) from error
        except Image.DecompressionBombError as error:
            raise ImageError(f"this picture is too large: {error} Scale it down first.") from error
        except MemoryError as error:
            raise ImageError(
                "this picture needs more memory than there is. Scale it down first."
            ) from error
        except ImageError:
            raise
        except Exception as error:  # decoders raise whatever the bytes lead them to
            raise ImageError(
                f"this picture is damaged or cut short ({error}). Save or download it again."
            ) from error


def _count_frames(image: Image.Image) -> int:
    """Return how many frames an animation has; where the later ones are damaged, the first."""
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # decoders raise whatever the bytes lead them to
        image.seek(0)
        return 1


def _shows_through(image: Image.Image) -> bool:
    """Whether any pixel is not opaque; only a picture with an alpha channel must be decoded."""
    if image.mode == "RGBA":
        return bool((np.asarray(image.getchannel("A")) < 255).any())
    return image.mode in _CLEAR_MODES or "transparency" in image.info


def _read_bytes(source: bytes | Path) -> bytes:
    """Return the file's bytes, refusing what is empty or too long before reading it."""
    name = source.name if isinstance(source, Path) else "this file"
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        if size > MAX_BYTES:
            raise ImageError(
                f"{name} has {size:,} bytes; at most {MAX_BYTES:,} are read. Scale it down, or "
                "save it as JPEG."
            )
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise ImageError(f"cannot read {name}: {error.strerror}.") from error
    if not data:
        raise ImageError("this file is empty. Save or download it again.")
    return data


def _check_size(image: Image.Image) -> None:
    """Refuse by the header alone, before any pixel is decoded."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"this picture has {width:,} x {height:,} pixels; at most {MAX_PIXELS:,} are decoded. "
            "Scale it down first."
        )
    if min(width, height) < MIN_SIDE or max(width, height) > 100 * min(width, height):
        raise ImageError(
            f"this picture is {width} x {height} pixels; it needs at least {MIN_SIDE} on each side "
            "and sides within a factor of 100."
        )


def _guess(data: bytes) -> str:
    head = data[:512].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return ", a web page: save the picture itself, not the page"
    if head.startswith(b"%pdf"):
        return ", a PDF: export the page as PNG"
    if head.startswith(b"<svg") or b"<svg" in head:
        return ", an SVG: export it as PNG"
    return ""


def _to_srgb(image: Image.Image) -> Image.Image:
    """Convert by the embedded ICC profile; a profile that cannot be used is left aside."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L", "RGBA"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return image if converted is None else converted


def _to_rgb(image: Image.Image, background: tuple[int, int, int]) -> Image.Image:
    """Bring any mode to RGB: high bit depths scaled, transparency over the background."""
    if image.mode.startswith(("I", "F")):
        return _scale_depth(image)
    if image.mode in _CLEAR_MODES or "transparency" in image.info:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", layer.size, background)
        flat.paste(layer, mask=layer.getchannel("A"))
        return flat
    rgb = image.convert("RGB")
    rgb.info.clear()
    return rgb


def _scale_depth(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float grey by its own range of bits to 8 bits."""
    values = np.array(image, dtype=np.float32)  # in place from here on: pictures may be large
    np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    low = min(0.0, float(values.min()))
    peak = float(values.max())
    limit = 255.0 if peak <= 255 and image.mode != "F" else 65535.0
    high = limit if low == 0.0 and peak <= limit and image.mode != "F" else max(peak, low + 1e-12)
    values -= low
    values *= 255 / (high - low)
    grey = np.rint(values, out=values).astype(np.uint8)
    return Image.fromarray(grey, mode="L").convert("RGB")
