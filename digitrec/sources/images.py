"""Pictures: their bytes are read here and decoded by OpenCV, after their header was looked at."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.arguments import on_ground
from digitrec.console import heard_libraries
from digitrec.errors import SourceError
from digitrec.results import Frame, Image
from digitrec.sources.backend import MAX_PIXELS, cv2, quiet
from digitrec.sources.base import ClosingMixin
from digitrec.sources.pages import count_pages
from digitrec.sources.sniff import HOLDS, PICTURES, jpeg_is_complete, picture_size, png_is_whole, sniff, tiff_tags

MAX_BYTES = 512 << 20
GIVE_PICTURE = "Give a jpg, png, bmp, webp or tiff file."
TALK = re.compile(
    rb"Corrupt JPEG data|Premature end of JPEG|Inconsistent progression|Invalid SOS|Unknown Adobe|Warning: unknown JFIF"
    rb"|libpng (warning|error): "
)
"""What libjpeg and libpng say on file descriptor 2; libjpeg reports damage in no other way."""
# Of its complaints, "extraneous bytes before marker" costs no pixel; many cameras write such files.
_DAMAGE = re.compile(rb"premature end|bad Huffman|invalid|found marker .* instead|unsupported", re.I)


def decode_picture(data: bytes, name: str) -> tuple[Image, str | None]:
    """Decode a picture file upright (EXIF) and on white (light writing: on black) where it is transparent.

    Of a file with several pages, and of an animated WebP, PNG or GIF, the first picture is taken.

    Args:
        data: the whole file.
        name: for the messages.

    Returns:
        uint8 (H, W, 3) BGR, and what was wrong with it without making it useless (a JPEG that is cut short or damaged,
        pages that were not read).

    Raises:
        SourceError: it is no picture, damaged or larger than ``MAX_PIXELS``.
    """
    kind = sniff(data[:4096])
    if kind not in PICTURES | {"gif"}:
        holds = HOLDS.get(kind, "it holds a video, not an image")
        raise SourceError(f"{name} cannot be read as a picture: {holds}. {GIVE_PICTURE}")
    size = picture_size(kind, data)
    if size is None or min(size) < 1:
        raise SourceError(f"{name} cannot be read as a picture: its header is damaged. {GIVE_PICTURE}")
    if size[0] * size[1] > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise SourceError(
            f"{name} is refused: {size[0]} x {size[1]} pixels are more than {limit} million. Scale the picture down."
        )
    if kind == "tiff" and tiff_tags(data).get(277) == 2:
        raise SourceError(f"{name} cannot be read: a grey TIFF with transparency. Save it as a png.")
    if kind == "png" and not png_is_whole(data):
        raise _damaged(name, kind)
    cut = kind == "jpg" and not jpeg_is_complete(data)
    if kind == "jpg":  # with an end mark one that is cut gives what there is
        data = data + b"\xff\xd9" if cut else data
    with heard_libraries(TALK) as complaints:
        image = _decode(data, kind)
    if image is None:
        raise _damaged(name, kind)
    if cut:
        return image, f"{name} is cut short: what is missing was not read."
    if kind == "jpg" and any(map(_DAMAGE.search, complaints)):
        return image, f"{name} is damaged: parts of it may be wrong."
    pages = count_pages(kind, data)
    if pages > 1:
        what = "pages" if kind == "tiff" else "pictures"
        return image, f"{name} holds {pages} {what}; only the first was read. Save the others as files of their own."
    return image, None


def _damaged(name: str, kind: str) -> SourceError:
    return SourceError(f"{name} cannot be read as a picture: the {kind} data is damaged or cut short. Get it again.")


def _may_be_transparent(kind: str, data: bytes) -> bool:
    """Jpg and bmp are read without alpha; the others are decoded with it only where the header tells of it.

    (Decoding with alpha also gives up EXIF's rotation and 16-bit to 8-bit conversion.)
    """
    if kind == "png":
        return data[25] in {4, 6} or b"tRNS" in data[: data.find(b"IDAT")]
    if kind == "webp":
        return data[12:16] == b"VP8L" or (data[12:16] == b"VP8X" and bool(data[20] & 0x10))
    if kind == "tiff":
        return tiff_tags(data).get(277) == 4
    return kind == "gif"


def _decode(data: bytes, kind: str) -> Image | None:
    image = _as_it_is(data) if _may_be_transparent(kind, data) else _decoded(data, cv2.IMREAD_COLOR)
    if image is None and kind == "tiff":  # of numbers that no screen shows: fractions, 32 bits
        image = _as_it_is(data)
    return None if image is None else to_bgr(image)


def _as_it_is(data: bytes) -> NDArray[np.generic] | None:
    """With alpha, and with the whole range of what is neither 8 nor 16 bits."""
    image = _decoded(data, cv2.IMREAD_UNCHANGED)
    return image if image is None or image.dtype in {np.uint8, np.uint16} else _in_range(image)


def _decoded(data: bytes, flags: int) -> NDArray[np.generic] | None:
    quiet()
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # raised or None, by kind of damage
        return None


def _in_range(image: NDArray[np.generic]) -> Image:
    """Numbers of any range, or shares of one (0 to 1) -> 0 to 255; what is no number, or without end, is dark."""
    numbers = image.astype(np.float32)
    known = np.isfinite(numbers)
    low, high = float(numbers.min(where=known, initial=np.inf)), float(numbers.max(where=known, initial=-np.inf))
    if not known.any() or (low >= 0 and high <= 1):
        low, high = 0.0, 1.0
    numbers[~known] = low
    return np.asarray((numbers - low) * np.float32(255 / max(high - low, 1e-30)), np.uint8)


def to_bgr(image: NDArray[np.generic]) -> Image | None:
    """Any picture that a decoder or camera gives -> uint8 (H, W, 3) BGR; None where it is none.

    Grey, grey with one channel, 2 channels (YUYV, which some cameras give raw), BGRA (put on white, or on black where
    all its ink is light), 16 bits.
    """
    if image is None or image.size == 0 or image.ndim not in {2, 3}:
        return None
    if image.dtype == np.uint16:
        image = (image >> np.uint16(8)).astype(np.uint8)  # type: ignore[operator]
    if image.dtype != np.uint8:
        return None
    channels = 1 if image.ndim == 2 else image.shape[2]
    pixels: Image = image  # type: ignore[assignment]
    if channels == 3:
        return pixels
    if channels == 4:
        return on_ground(pixels)
    if channels == 2 and pixels.shape[1] % 2 == 0:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_YUV2BGR_YUYV), np.uint8)
    if channels in {1, 2}:
        grey = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, 0])
        return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), np.uint8)
    return None


def read_picture_file(path: Path, name: str) -> bytes:
    """The bytes of a file; ``cv2.imread`` cannot open paths beyond ASCII on Windows.

    Raises:
        SourceError: larger than ``MAX_BYTES``, or not readable.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{name} cannot be opened: {error.strerror}. Check the file and its permissions.") from error
    return checked_length(data, name)


def checked_length(data: bytes, name: str) -> bytes:
    """``data``, where it is not longer than any picture has to be."""
    if len(data) > MAX_BYTES:
        raise SourceError(f"{name} is refused: more than {MAX_BYTES >> 20} MB for one picture. Scale it down.")
    return data


def read_standard_input() -> bytes:
    """All of standard input.

    Raises:
        SourceError: it is a terminal, where a person would wait for ever.
    """
    if sys.stdin is None or sys.stdin.isatty():
        raise SourceError("standard input holds no picture. Pipe one in: cam.py - < photo.jpg")
    return checked_length(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")


@dataclass
class PictureSource(ClosingMixin):
    """One picture, decoded: one frame."""

    name: str
    image: Image
    problems: list[str]
    is_live: bool = False
    frame_count: int | None = 1
    fps: float | None = None
    _given: bool = False

    @staticmethod
    def decode(data: bytes, name: str) -> PictureSource:
        """Decode a picture file; raises SourceError."""
        image, problem = decode_picture(data, name)
        return PictureSource(name, image, [problem] if problem else [])

    def __next__(self) -> Frame:
        if self._given:
            raise StopIteration
        self._given = True
        return Frame(self.image, 0, 0.0, self.name)

    def close(self) -> None:
        """Nothing is held open."""
