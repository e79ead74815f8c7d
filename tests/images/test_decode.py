import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from alexcore.errors import ImageError
from alexcore.images import decode as images
from alexcore.images.decode import decode_image, load_image
from alexcore.images.preprocessing import Preprocessing, to_array

AWKWARD = Path(__file__).parents[3] / "shared" / "data" / "awkward"


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def draw_corner() -> Image.Image:
    """Black, with a red top left quarter: shows which way is up."""
    image = Image.new("RGB", (40, 20))
    image.paste((255, 0, 0), (0, 0, 20, 10))
    return image


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "GIF", "WEBP", "AVIF", "JPEG", "HEIF"])
def test_load_reads_every_format_by_content(kind: str) -> None:
    image = load_image(encode(draw_corner(), kind))
    assert image.mode == "RGB"
    assert image.size == (40, 20)
    pixels = np.asarray(image).astype(int)
    assert pixels[3, 5, 0] > 200 and pixels[3, 5, 1] < 60
    assert pixels[15, 35].max() < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (1, 0)), (3, (1, 1)), (4, (0, 1)), (5, (0, 0)), (6, (1, 0)), (8, (0, 1))],
)
def test_load_turns_upright(kind: str, orientation: int, corner: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = load_image(encode(draw_corner(), kind, exif=exif.tobytes()))
    assert image.size == ((20, 40) if orientation >= 5 else (40, 20))
    x = 3 if corner[0] == 0 else image.width - 4
    y = 3 if corner[1] == 0 else image.height - 4
    red = np.asarray(image).astype(int)[y, x]
    assert red[0] > 180 and red[1] < 80
    assert image.getexif().get(0x0112) in (None, 1)


def test_load_puts_transparency_over_the_background() -> None:
    data = encode(Image.new("RGBA", (4, 4), (200, 0, 0, 0)), "PNG")
    assert load_image(data).getpixel((0, 0)) == (255, 255, 255)
    assert load_image(data, background=(10, 20, 30)).getpixel((0, 0)) == (10, 20, 30)


def test_load_scales_16_bits_rather_than_clipping() -> None:
    ramp = np.array([[0, 32768, 65535, 257]] * 4, np.uint16)
    image = load_image(encode(Image.fromarray(ramp), "PNG"))
    assert [image.getpixel((x, 0)) for x in range(4)] == [
        (0, 0, 0), (128, 128, 128), (255, 255, 255), (1, 1, 1),
    ]  # fmt: skip


def test_load_reads_cmyk() -> None:
    image = load_image(encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))
    red, green, blue = np.asarray(image).astype(int)[0, 0]
    assert red > 200 and green < 80 and blue < 80


def test_load_takes_the_first_frame() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("lime", "red")]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert load_image(data).getpixel((0, 0)) == (0, 255, 0)


def test_load_rejects_text_named_as_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_text("dear diary")
    with pytest.raises(ImageError, match=r"not a picture we can read \(10 bytes\)"):
        load_image(path)


def test_load_rejects_a_web_page_saying_so() -> None:
    with pytest.raises(ImageError, match="a web page"):
        load_image(b"<!DOCTYPE html><html></html>")


def test_load_rejects_empty_and_missing(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="empty"):
        load_image(b"")
    with pytest.raises(ImageError, match=r"cannot read gone\.png"):
        load_image(tmp_path / "gone.png")


def test_load_rejects_a_cut_file() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    data = encode(Image.fromarray(noise), "PNG")
    with pytest.raises(ImageError, match="damaged or cut short"):
        load_image(data[: len(data) // 2])


def test_load_rejects_too_many_pixels_by_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 500)
    with pytest.raises(ImageError, match="40 x 20 pixels; at most 500"):
        load_image(encode(draw_corner(), "PNG"))


def test_load_rejects_too_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_BYTES", 50)
    path = tmp_path / "big.png"
    path.write_bytes(encode(draw_corner(), "PNG"))
    for source in (path, path.read_bytes()):
        with pytest.raises(ImageError, match="at most 50"):
            load_image(source)


def test_load_rejects_a_sliver() -> None:
    with pytest.raises(ImageError, match="1 x 300 pixels"):
        load_image(encode(Image.new("RGB", (1, 300)), "PNG"))


@pytest.mark.skipif(not AWKWARD.is_dir(), reason="the difficult pictures are not here")
def test_awkward_pictures_load_or_say_why() -> None:
    with (AWKWARD / "MANIFEST.tsv").open() as file:
        manifest = list(csv.DictReader(file, delimiter="\t"))
    assert manifest
    for row in manifest:
        path = AWKWARD / row["file"]
        try:
            image = load_image(path)
        except ImageError as error:
            # Pillow alone read these; refused here are slivers, and only those.
            if row["Pillow13_open+load+RGB"] == "ok":
                assert "it needs at least" in str(error), row["file"]
        else:
            assert image.mode == "RGB"
            assert not row["file"].startswith("bombs/") or "extents" in row["file"]


def test_facts_tell_animations_and_what_shows_through() -> None:
    plain = Image.new("RGB", (8, 8))
    more = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames = encode(plain, "GIF", save_all=True, append_images=more)
    assert decode_image(frames).frames == 3
    drawn = decode_image(encode(plain, "PNG"))
    assert drawn.frames == 1 and not drawn.transparent
    opaque = encode(Image.new("RGBA", (8, 8), (1, 2, 3, 255)), "PNG")
    assert not decode_image(opaque).transparent
    assert decode_image(encode(Image.new("RGBA", (8, 8), (1, 2, 3, 254)), "PNG")).transparent


def test_pages_cut_off_later_on_leave_the_first() -> None:
    noise = [Image.effect_noise((64, 64), 90) for _ in range(3)]
    data = encode(noise[0], "TIFF", save_all=True, append_images=noise[1:])
    assert decode_image(data).frames == 3
    cut = decode_image(data[: len(data) // 2])
    assert cut.frames == 1 and cut.image.tobytes() == noise[0].convert("RGB").tobytes()


_PEAK = """
import sys
from pathlib import Path
from alexcore.images.decode import load_image
def read_peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if "VmHWM" in line) * 1024
before = read_peak()
load_image(Path(sys.argv[1]))
print((read_peak() - before) / 24e6)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "I;16", "CMYK"])
def test_memory_is_bounded_by_the_pixels(mode: str, tmp_path: Path) -> None:
    """Twenty-four megapixels of each kind, upside down, at most twenty bytes a pixel."""
    exif = Image.Exif()
    exif[0x0112] = 3
    kind = "TIFF" if mode == "CMYK" else "PNG"
    path = tmp_path / "large"
    packed = {"compression": "tiff_lzw"} if kind == "TIFF" else {}
    Image.new(mode, (6000, 4000)).save(path, kind, exif=exif.tobytes(), **packed)
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, str(path)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 20


def test_a_large_jpeg_is_decoded_at_the_scale_that_is_enough() -> None:
    """3000 x 2000 of photo-like noise at several scales, lying on its side."""
    rng = np.random.default_rng(0)
    layers = (
        Image.fromarray(rng.integers(0, 256, (side * 2, side * 3, 3), np.uint8)).resize(
            (3000, 2000), Image.Resampling.BICUBIC
        )
        for side in (2, 11, 60)
    )
    image = Image.fromarray(np.mean([np.asarray(layer) for layer in layers], 0).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(image, "JPEG", quality=90, exif=exif.tobytes())
    scaled = decode_image(data, enough=(512, 900))  # 2000 / 512 and 3000 / 900: at most by 3
    assert scaled.size == (2000, 3000) and scaled.image.size == (1000, 1500)
    full = decode_image(data)
    assert full.size == full.image.size == (2000, 3000)
    preprocessing = Preprocessing()
    apart = np.abs(
        to_array(full.image, preprocessing).astype(int) - to_array(scaled.image, preprocessing)
    )
    assert apart.mean() < 0.5 and np.percentile(apart, 99) <= 2
    assert decode_image(data, enough=(1001, 900)).image.size == (2000, 3000)
    assert decode_image(encode(image, "PNG"), enough=(512, 900)).image.size == (3000, 2000)
