"""Pictures of every kind that people have: read upright, on white, or refused in one line before memory is spent."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from digitrec.errors import SourceError
from digitrec.results import Image
from digitrec.sources import open_source
from digitrec.sources.images import decode_picture, to_bgr
from digitrec.sources.pages import count_pages
from tests.camtools import page

pil = pytest.importorskip("PIL.Image", reason="Pillow makes the pictures")
ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 64, 48
INK = (20, 12)  # row, column inside the black bar


def drawn() -> Image:
    """White with a black upright bar on the left: where it is tells the rotation."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    image[8:40, 8:20] = 0
    return image


def file_of(mode: str, kind: str, **options: object) -> bytes:
    """The drawing saved by Pillow; modes with alpha have black everywhere and differ in alpha alone."""
    picture = pil.fromarray(drawn())
    if mode in {"RGBA", "LA", "PA"}:
        alpha = pil.fromarray(255 - drawn()[:, :, 0])
        picture = pil.merge("RGBA", [pil.new("L", (WIDTH, HEIGHT), 0)] * 3 + [alpha])
    picture = picture.quantize(4) if mode == "PA" else picture.convert(mode)
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def encoded(suffix: str, image: np.ndarray) -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


def rgba16() -> np.ndarray:
    image = np.zeros((HEIGHT, WIDTH, 4), np.uint16)
    image[:, :, 3] = (255 - drawn()[:, :, 0]).astype(np.uint16) * 257
    return image


def rotated(kind: str) -> bytes:
    """As a phone held upright stores it: the pixels lie on their side, EXIF says "turn by 90 degrees"."""
    exif = pil.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    pil.fromarray(np.rot90(drawn()).copy()).save(data, kind, exif=exif)
    return data.getvalue()


def animated(kind: str) -> bytes:
    data = io.BytesIO()
    others = [pil.fromarray(np.roll(drawn(), 8 * n, axis=1)) for n in (1, 2)]
    extra = {"lossless": True} if kind == "webp" else {}
    pil.fromarray(drawn()).save(data, kind, save_all=True, append_images=others, duration=200, **extra)
    return data.getvalue()


READ = {
    "jpg": lambda: file_of("RGB", "jpeg", quality=95),
    "grey jpg": lambda: file_of("L", "jpeg", quality=95),
    "cmyk jpg": lambda: file_of("CMYK", "jpeg", quality=95),
    "progressive jpg": lambda: file_of("RGB", "jpeg", quality=95, progressive=True),
    "exif jpg": lambda: rotated("jpeg"),
    "png": lambda: file_of("RGB", "png"),
    "grey png": lambda: file_of("L", "png"),
    "1-bit png": lambda: file_of("1", "png"),
    "palette png": lambda: file_of("P", "png"),
    "16-bit grey png": lambda: encoded(".png", drawn()[:, :, 0].astype(np.uint16) * 257),
    "16-bit png": lambda: encoded(".png", drawn().astype(np.uint16) * 257),
    "transparent png": lambda: file_of("RGBA", "png"),
    "grey and alpha png": lambda: file_of("LA", "png"),
    "transparent palette png": lambda: file_of("PA", "png"),
    "transparent 16-bit png": lambda: encoded(".png", rgba16()),
    "animated png": lambda: animated("png"),
    "bmp": lambda: file_of("RGB", "bmp"),
    "1-bit bmp": lambda: file_of("1", "bmp"),
    "webp": lambda: file_of("RGB", "webp", lossless=True),
    "transparent webp": lambda: file_of("RGBA", "webp", lossless=True),
    "animated webp": lambda: animated("webp"),
    "tiff": lambda: file_of("RGB", "tiff"),
    "tiff of 3 pages": lambda: animated("tiff"),
    "16-bit tiff": lambda: encoded(".tiff", drawn()[:, :, 0].astype(np.uint16) * 257),
    "tiff of shares": lambda: encoded(".tiff", drawn()[:, :, 0].astype(np.float32) / 255),
    "colour tiff of shares": lambda: encoded(".tiff", drawn().astype(np.float32) / 255),
    "tiff of heights": lambda: encoded(".tiff", drawn()[:, :, 0].astype(np.float64) * 7 - 300),
    "fax tiff": lambda: file_of("1", "tiff", compression="group4"),
    "transparent tiff": lambda: file_of("RGBA", "tiff"),
    "gif": lambda: file_of("RGB", "gif"),
    "pgm": lambda: encoded(".pgm", drawn()[:, :, 0]),
    "ppm": lambda: encoded(".ppm", drawn()),
    "1-bit pbm": lambda: file_of("1", "ppm"),
    "pgm with a note": lambda: encoded(".pgm", drawn()[:, :, 0]).replace(b"P5\n", b"P5\n# by a scanner\n", 1),
}


@pytest.mark.parametrize("name", READ)
def test_every_kind_shows_black_ink_on_white_paper_upright(name: str) -> None:
    image, problem = decode_picture(READ[name](), name)
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert image.dtype == np.uint8
    several = "pictures" if "animated" in name else "pages" if "pages" in name else None
    assert problem == (several and f"{name} holds 3 {several}; only the first was read. Save the others as files "
                       "of their own.")  # fmt: skip
    assert image[INK].max() < 16
    assert image[2, 2].min() > 240
    assert image[-2, -2].min() > 224  # beside the rounding of JPEG


def test_pages_are_counted_as_far_as_the_file_tells() -> None:
    data = animated("tiff")
    start = struct.unpack("<I", data[4:8])[0]
    entries = struct.unpack("<H", data[start : start + 2])[0]
    following = start + 2 + 12 * entries
    circle = data[:following] + data[4:8] + data[following + 4 :]
    assert count_pages("tiff", data) == 3
    assert count_pages("tiff", circle) == 1
    assert count_pages("tiff", data[:following]) == 1
    assert count_pages("webp", animated("webp")[:-9]) == 3
    assert count_pages("png", animated("png")) == 3
    assert count_pages("jpg", b"") == 1


def test_pages_that_lie_within_each_other_do_not_hold_the_reader() -> None:
    """Some kilobytes more than one page of many entries would be 26 million of them."""
    pages, step, entries = 400, 6, 0xFFFF
    data = bytearray(8 + step * pages + 2 + 12 * entries + 4)
    struct.pack_into("<2sHI", data, 0, b"II", 42, 8)
    for page_at in range(8, 8 + step * pages, step):
        struct.pack_into("<H", data, page_at, entries)
        struct.pack_into("<I", data, page_at + 2 + 12 * entries, page_at + step)
    assert 1 <= count_pages("tiff", bytes(data)) < 10


def test_smaller_copies_are_no_pages() -> None:
    file, small = io.BytesIO(), pil.fromarray(drawn()[::2, ::2].copy())
    pil.fromarray(drawn()).save(file, "tiff", save_all=True, append_images=[small], tiffinfo={254: 0})
    data, page_kind = file.getvalue(), struct.pack("<HHII", 254, 4, 1, 0)
    assert count_pages("tiff", data) == 2
    at = data.rindex(page_kind)
    data = data[:at] + struct.pack("<HHII", 254, 4, 1, 1) + data[at + len(page_kind) :]
    assert count_pages("tiff", data) == 1
    assert decode_picture(data, "pyramid.tiff")[1] is None


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_dark_and_changes_nothing_else(number: float) -> None:
    heights = drawn()[:, :, 0].astype(np.float32) - 300
    whole, _ = decode_picture(encoded(".tiff", heights), "heights")
    heights[0, 0] = number
    image, _ = decode_picture(encoded(".tiff", heights), "heights")
    assert image[0, 0].max() == 0
    whole[0, 0] = 0
    np.testing.assert_array_equal(image, whole)


def test_a_picture_without_a_number_is_dark() -> None:
    image, _ = decode_picture(encoded(".tiff", np.full((HEIGHT, WIDTH), np.nan, np.float32)), "nothing")
    assert image.max() == 0


def test_light_ink_on_a_transparent_ground_is_put_on_black() -> None:
    ink = 255 - drawn()
    image, _ = decode_picture(encoded(".png", np.dstack([np.full_like(ink, 250), ink[:, :, 0]])), "light ink")
    assert image[INK].min() > 240
    assert image[2, 2].max() == 0


def test_a_text_that_begins_like_a_portable_pixmap_is_text() -> None:
    with pytest.raises(SourceError, match="holds text"):
        decode_picture(b"P1 and P2 are parameters.\n", "notes.txt")


def png_header(width: int, height: int) -> bytes:
    """A whole PNG of one colour whose pixels take a thousandth of what they cost decoded."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def with_size(data: bytes, offset: int, fields: str, *size: int) -> bytes:
    packed = struct.pack(fields, *size)
    return data[:offset] + packed + data[offset + len(packed) :]


def jpeg_of_size(width: int, height: int) -> bytes:
    data = file_of("RGB", "jpeg")
    return with_size(data, data.index(b"\xff\xc0") + 5, ">HH", height, width)


def tiff_of_size(width: int, height: int) -> bytes:
    tags = struct.pack("<HHHIIHHII", 2, 256, 4, 1, width, 257, 4, 1, height)
    return b"II*\0" + struct.pack("<I", 8) + tags + bytes(4)


HUGE = {
    "png": lambda: png_header(20000, 20000),
    "jpg": lambda: jpeg_of_size(65000, 65000),
    "bmp": lambda: with_size(file_of("RGB", "bmp"), 18, "<ii", 20000, -20000),
    "webp": lambda: with_size(file_of("RGB", "webp"), 26, "<HH", 16383, 16383),
    "lossless webp": lambda: with_size(file_of("RGB", "webp", lossless=True), 21, "<I", 0xFFFFFFF),
    "tiff": lambda: tiff_of_size(50000, 50000),
    "gif": lambda: with_size(file_of("RGB", "gif"), 6, "<HH", 60000, 60000),
}


@pytest.mark.parametrize("kind", HUGE)
def test_pictures_of_too_many_pixels_are_refused_by_their_header(kind: str) -> None:
    with pytest.raises(SourceError, match=r"is refused: \d+ x \d+ pixels are more than 110 million"):
        decode_picture(HUGE[kind](), "huge")


def endless_chunk() -> bytes:
    """A PNG of 40x30 pixels whose second chunk says that it is 4 GB long."""
    data = bytearray(encoded(".png", np.zeros((30, 40, 3), np.uint8)))
    data[33:37] = b"\xff\x00\x01\xcb"
    return bytes(data)


@pytest.mark.parametrize("data", [png_header(20000, 20000), endless_chunk()], ids=["400 million pixels", "4 GB chunk"])
def test_a_small_file_costs_no_memory(data: bytes, tmp_path: Path) -> None:
    if not Path("/proc/self/status").is_file():
        pytest.skip("only Linux tells a process's largest memory in /proc")
    path = tmp_path / "bomb.png"
    path.write_bytes(data)
    assert path.stat().st_size < 60_000
    code = (
        "import sys; from digitrec.sources import open_source\n"
        "try: open_source([sys.argv[1]])\n"
        "except Exception as error: print(type(error).__name__)\n"
        # Not getrusage: that counts the parent's own pages from before the exec.
        "rows = open('/proc/self/status').read().splitlines()\n"
        "print([r.split()[1] for r in rows if r.startswith('VmHWM')][0])"
    )
    run = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    name, peak = run.stdout.split()
    assert name == "SourceError"
    assert int(peak) * 1024 < 300e6


CUT = ["png", "bmp", "webp", "tiff", "gif", "progressive jpg"]


@pytest.mark.parametrize("name", CUT)
def test_a_file_cut_in_the_middle_is_never_taken_for_a_whole_picture(name: str) -> None:
    data = READ[name]()
    try:
        _, problem = decode_picture(data[: len(data) * 2 // 3], "half")
    except SourceError as error:
        assert "damaged or cut short" in error.message
    else:
        assert problem == "half is cut short: what is missing was not read."


def test_a_jpeg_cut_short_gives_what_is_there_and_says_so() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    data = encoded(".jpg", noise)
    image, problem = decode_picture(data[: len(data) // 2], "half.jpg")
    whole, _ = decode_picture(data, "whole.jpg")
    assert image.shape == noise.shape
    assert np.array_equal(image[:64], whole[:64])
    assert problem == "half.jpg is cut short: what is missing was not read."


@pytest.mark.parametrize(("harm", "problem"), [("scan", "photo is damaged: parts of it may be wrong."), ("junk", None)])
def test_damage_inside_a_jpeg_is_told_in_our_words(
    harm: str, problem: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(encoded(".jpg", page("72")))
    if harm == "scan":
        scan = data.index(b"\xff\xda") + 300
        data[scan : scan + 40] = bytes([0x55]) * 40
    else:
        frame = data.index(b"\xff\xc0")
        data[frame:frame] = b"junk"
    image, told = decode_picture(bytes(data), "photo")
    assert image.shape == (240, 320, 3)
    assert told == problem
    assert capfd.readouterr().err == ""


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_what_libpng_says_is_kept_from_people(capfd: pytest.CaptureFixture[str]) -> None:
    data = file_of("RGB", "png")
    at = data.index(b"IDAT") - 4
    _, problem = decode_picture(data[:at] + chunk(b"iCCP", b"x\0\0" + zlib.compress(b"none")) + data[at:], "profile")
    assert problem is None
    damaged = data[:at] + chunk(b"IDAT", zlib.compress(b"\x09" * (3 * WIDTH + 1) * HEIGHT)) + chunk(b"IEND", b"")
    with pytest.raises(SourceError, match="the png data is damaged"):
        decode_picture(damaged, "damaged")
    assert capfd.readouterr().err == ""


def test_the_thumbnail_inside_a_cut_photo_does_not_pass_for_its_end() -> None:
    data = file_of("RGB", "jpeg")
    thumbnail = b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data
    cut = data[:2] + thumbnail + data[2:-200]
    assert decode_picture(data[:2] + thumbnail + data[2:], "whole")[1] is None
    try:
        assert decode_picture(cut, "cut")[1] is not None
    except SourceError as error:
        assert "cut short" in error.message


REFUSED = {
    "nothing": (b"", "it is empty"),
    "text": (b"hello\n", "it holds text, not an image"),
    "utf-16 text": ("hello".encode("utf-16"), "it holds text, not an image"),
    "web page": (b"<!DOCTYPE html><html>", "it holds a web page"),
    "pdf": (b"%PDF-1.7", "it is a PDF document"),
    "zip": (b"PK\x03\x04" + bytes(30), "it is a zip archive"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(30), "it is a HEIC photo"),
    "avif": (b"\0\0\0\x18ftypavif" + bytes(30), "it is an AVIF picture"),
    "rubbish": (bytes(range(256)), "its content is of no known kind"),
    "png without end": (b"\x89PNG\r\n\x1a\n", "its header is damaged"),
    "png cut in its header": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x28\0\0\x3f\xce", "its header is damaged"),
    "webp cut in its header": (b"RIFF\0\0\0\0WEBPVP8X", "its header is damaged"),
    "tiff pointing nowhere": (b"II*\0\xff\xff\xff\xff" + bytes(9), "its header is damaged"),
    "no pixels": (with_size(file_of("RGB", "bmp"), 18, "<ii", 0, 0), "its header is damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_named(name: str, tmp_path: Path) -> None:
    data, what = REFUSED[name]
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        open_source([str(path)])
    assert caught.value.message.startswith(f"{path} cannot be read as a picture: {what}")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("size", [(1, 1), (1, 10000), (10000, 1)])
def test_the_smallest_and_thinnest_pictures_are_read(size: tuple[int, int]) -> None:
    image, _ = decode_picture(encoded(".png", np.zeros(size, np.uint8)), "thin")
    assert image.shape == (*size, 3)


SHAPES = {
    "grey": (np.full((4, 6), 7, np.uint8), (4, 6, 3)),
    "one channel": (np.full((4, 6, 1), 7, np.uint8), (4, 6, 3)),
    "raw camera pixels": (np.full((4, 6, 2), 128, np.uint8), (4, 6, 3)),
    "odd raw pixels": (np.full((4, 5, 2), 128, np.uint8), (4, 5, 3)),
    "16 bits": (np.full((4, 6, 3), 300, np.uint16), (4, 6, 3)),
    "empty": (np.zeros((0, 6, 3), np.uint8), None),
    "five channels": (np.zeros((4, 6, 5), np.uint8), None),
    "a number": (np.uint8(3), None),
    "floats": (np.zeros((4, 6, 3), np.float32), None),
}


@pytest.mark.parametrize("name", SHAPES)
def test_whatever_a_driver_gives_becomes_bgr_or_nothing(name: str) -> None:
    given, shape = SHAPES[name]
    image = to_bgr(np.asarray(given))
    assert (None if image is None else image.shape) == shape


def test_a_picture_from_standard_input(tmp_path: Path) -> None:
    code = "from digitrec.sources import open_source\nfor f in open_source(['-']): print(f.size, f.source, f.index)"
    command = [sys.executable, "-c", code]
    data = file_of("RGB", "png")
    assert subprocess.run(command, input=data, capture_output=True, check=True, cwd=ROOT).stdout == b"(64, 48) - 0\n"
    refused = subprocess.run(command, input=b"hello", capture_output=True, check=False, cwd=ROOT)
    assert b"standard input cannot be read as a picture: it holds text" in refused.stderr
