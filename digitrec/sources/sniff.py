"""What a file is by its first bytes, and a picture's size by its header: known before any decoder sees it."""

from __future__ import annotations

import re
import struct

HEAD_BYTES = 4096
"""How much of a file's beginning ``sniff`` wants."""

PICTURES = frozenset({"jpg", "png", "bmp", "webp", "tiff", "pnm"})
DEMUXERS = {
    "mp4": "mov",
    "mkv": "matroska",
    "avi": "avi",
    "gif": "gif",
    "ts": "mpegts",
    "ps": "mpeg",
    "mpeg": "mpegvideo",
    "ogg": "ogg",
    "flv": "flv",
    "asf": "asf",
    "mjpeg": "mjpeg,jpeg_pipe",
}
"""Videos that are read, and the FFmpeg demuxers that may read each."""

HOLDS = {
    "empty": "it is empty",
    "playlist": "it is a playlist or script that points to other files, and those are not followed",
    "page": "it holds a web page",
    "text": "it holds text, not an image",
    "heic": "it is a HEIC photo, which is not read here",
    "avif": "it is an AVIF picture, which is not read here",
    "pdf": "it is a PDF document",
    "zip": "it is a zip archive (or an office document)",
    "unknown": "its content is of no known kind",
}
"""Everything else, in words that follow "cannot be read: "."""

_PREFIXES = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"\x1aE\xdf\xa3", "mkv"),
    (b"\0\0\x01\xba", "ps"),
    (b"\0\0\x01\xb3", "mpeg"),
    (b"OggS", "ogg"),
    (b"FLV\x01", "flv"),
    (b"0&\xb2u\x8ef\xcf\x11", "asf"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
)
_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof"}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_PNM = re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*(\d{1,9})\s+(?:#[^\n]*\n\s*)*(\d{1,9})\s")
_PLAYLIST = re.compile(rb"#EXTM3U|ffconcat version|\[playlist\]|v=0\r?\no=|<\?xml[^<]*<(MPD|playlist|smil)", re.I)
_PAGE = re.compile(rb"<(!doctype html|html|head)\b", re.I)
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))


def sniff(head: bytes) -> str:
    """The kind of a file from its first ``HEAD_BYTES``: a key of ``PICTURES``, ``DEMUXERS`` or ``HOLDS``."""
    if not head:
        return "empty"
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "avi"}.get(head[8:12], "unknown")
    if head[4:8] in _MP4_BOXES:
        return _brand(head)
    if head[:2] == b"BM" and len(head) > 18 and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if _PNM.match(head):
        return "pnm"
    if any(head[start : start + 2 * step + 1 : step] == b"GGG" for start, step in ((0, 188), (4, 192))):
        return "ts"
    return _text(head)


def _brand(head: bytes) -> str:
    """HEIC and AVIF photos sit in the same boxes as mp4 videos, told by the brand."""
    brand = head[8:12]
    if brand in {b"avif", b"avis"}:
        return "avif"
    return "heic" if brand in {b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc"} else "mp4"


def _text(head: bytes) -> str:
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "text"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if _PLAYLIST.match(start):
        return "playlist"
    if _PAGE.search(start[:1024]):
        return "page"
    return "unknown" if head.translate(None, _CONTROL) != head else "text"


def picture_size(kind: str, data: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels from the header of a whole picture file, or of a GIF; None where it is damaged."""
    try:
        return _SIZES[kind](data)
    except (struct.error, IndexError):
        return None


def _png(data: bytes) -> tuple[int, int] | None:
    width, height, _ = struct.unpack(">II2s", data[16:26])  # with depth and colour type, which are looked at later
    return (width, height) if data[12:16] == b"IHDR" else None


def _gif(data: bytes) -> tuple[int, int] | None:
    width, height = struct.unpack("<HH", data[6:10])
    return width, height


def _bmp(data: bytes) -> tuple[int, int] | None:
    if data[14] == 12:
        width, height = struct.unpack("<HH", data[18:22])
    else:
        width, height = struct.unpack("<ii", data[18:26])
    return width, abs(height)  # a negative height means that the rows run from the top


def _webp(data: bytes) -> tuple[int, int] | None:
    chunk = data[12:16]
    if chunk == b"VP8X":
        width, height = struct.unpack("<3s3s", data[24:30])
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    if chunk == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _tiff(data: bytes) -> tuple[int, int] | None:
    tags = tiff_tags(data)
    return (tags[256], tags[257]) if 256 in tags and 257 in tags else None


def _pnm(data: bytes) -> tuple[int, int] | None:
    found = _PNM.match(data[:HEAD_BYTES])
    return (int(found[1]), int(found[2])) if found else None


def tiff_tags(data: bytes) -> dict[int, int]:
    """Tag number -> value of the first picture's one-value integer tags (256 width, 257 height, 277 samples)."""
    order = "<" if data[:2] == b"II" else ">"
    start = struct.unpack(order + "I", data[4:8])[0]
    count = struct.unpack(order + "H", data[start : start + 2])[0]
    tags = {}
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind, values = struct.unpack(order + "HHI", data[entry : entry + 8])
        if values == 1 and kind in {3, 4}:
            width = {3: "H", 4: "I"}[kind]
            tags[tag] = struct.unpack(order + width, data[entry + 8 : entry + 8 + struct.calcsize(width)])[0]
    return tags


_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def _jpg(data: bytes) -> tuple[int, int] | None:
    for marker, start in _jpeg_segments(data):
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[start + 3 : start + 7])
            return width, height
    return None


def png_is_whole(data: bytes) -> bool:
    """Whether each chunk of a PNG lies in the file: the decoder makes room for what its length says, up to 4 GB."""
    at = 8  # behind the mark
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            break
    else:
        return False
    return at <= len(data)


def jpeg_is_complete(data: bytes) -> bool:
    """Whether a JPEG has its end mark: one that is cut off decodes without an error, its missing part filled grey."""
    return any(marker == 0xD9 for marker, _ in _jpeg_segments(data))


def _jpeg_segments(data: bytes) -> list[tuple[int, int]]:
    """(marker, where its length field is) up to and with the first end mark; those of EXIF thumbnails lie inside."""
    found = []
    position = 2
    while position + 1 < len(data):
        if data[position] != 0xFF:
            position = data.find(b"\xff", position)
            if position < 0:
                break
            continue
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        found.append((marker, position + 2))
        if marker == 0xD9:
            break
        if marker in {0x00, 0x01} or 0xD0 <= marker <= 0xD8:
            position += 2
            continue
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == 0xDA:
            end = _JPEG_SCAN_END.search(data, position)
            if end is None:
                break
            position = end.start()
    return found


_SIZES = {"jpg": _jpg, "png": _png, "bmp": _bmp, "webp": _webp, "tiff": _tiff, "gif": _gif, "pnm": _pnm}
