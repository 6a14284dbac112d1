"""How many pictures a picture file holds: the pages of a TIFF, the frames of an animated WebP or PNG."""

from __future__ import annotations

import struct

_MOST_PAGES = 10_000
_MOST_ENTRIES = 200_000
"""Of all pages of a TIFF together: pages may lie within each other, and a small file so hold millions."""

_KIND_OF_PAGE = 254
_NO_PAGE = 1 | 4  # a smaller copy of another page; the mask of one


def count_pages(kind: str, data: bytes) -> int:
    """The pictures in a whole file of one of ``sniff.PICTURES``; at least 1, for damaged ones too."""
    try:
        count = {"tiff": _tiff, "webp": _webp, "png": _png}.get(kind, lambda _: 1)(data)
    except (struct.error, IndexError):
        return 1
    return max(1, count)


def _tiff(data: bytes) -> int:
    order = "<" if data[:2] == b"II" else ">"
    at, seen, count, read = struct.unpack(order + "I", data[4:8])[0], set[int](), 0, 0
    while at and at not in seen and len(seen) < _MOST_PAGES and read < _MOST_ENTRIES:
        seen.add(at)
        entries = struct.unpack(order + "H", data[at : at + 2])[0]
        read += entries
        end = at + 2 + 12 * entries
        tags = (struct.unpack(order + "HHII", data[entry : entry + 12]) for entry in range(at + 2, end, 12))
        count += not any(tag == _KIND_OF_PAGE and value & _NO_PAGE for tag, _, _, value in tags)
        at = struct.unpack(order + "I", data[end : end + 4])[0]
    return count


def _webp(data: bytes) -> int:
    at, count = 12, 0
    while at + 8 <= len(data):
        count += data[at : at + 4] == b"ANMF"
        length = struct.unpack("<I", data[at + 4 : at + 8])[0]
        at += 8 + length + length % 2
    return count


def _png(data: bytes) -> int:
    at = data[: data.find(b"IDAT")].find(b"acTL")
    return int(struct.unpack(">I", data[at + 4 : at + 8])[0]) if at > 0 else 1
