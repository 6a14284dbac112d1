"""What the boxes of a video file say: cut short, without its index, and how many of its frames are meant to be shown.

FFmpeg reads damaged files without an error, so the promise is taken from the header and compared with what came.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_INDEX_BYTES = 64 << 20  # a day of video has an index of about 20 MB


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file's own structure promises.

    Attributes:
        cut_short: it ends before its structure does.
        has_index: False: an mp4 without ``moov``, of which nothing can be read.
        only_sound: an mp4 with sound and without video.
        counts: its header counts the frames exactly (an mp4 that is not in fragments).
        shown: the share of its frames that is played, 0-1; below 1 where a video was trimmed without encoding anew.
    """

    cut_short: bool = False
    has_index: bool = True
    only_sound: bool = False
    counts: bool = False
    shown: float = 1.0


def layout(path: Path, kind: str) -> Layout:
    """Read the structure of an mp4, mkv, webm, avi or gif file; of other kinds nothing is known."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if kind == "mp4":
            return _mp4(file, size)
        head = file.read(4096)
        file.seek(max(0, size - 512))
        tail = file.read()
    if kind == "mkv":
        return Layout(cut_short=_mkv_end(head) > size)
    if kind == "avi":
        return Layout(cut_short=int.from_bytes(head[4:8], "little") + 8 > size)
    if kind == "gif":
        return Layout(cut_short=not tail.rstrip(b"\0").endswith(b";"))
    return Layout()


def _mp4(file: BinaryIO, size: int) -> Layout:
    position, moov = 0, None
    while position + 8 <= size:
        file.seek(position)
        head = file.read(16)
        length, name, start = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:  # a 64-bit length follows
            length, start = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:  # to the end of the file
            length = size - position
        if length < start:
            return Layout(cut_short=True, has_index=moov is not None)
        if name == b"moov":
            file.seek(position + start)
            moov = file.read(min(length - start, _INDEX_BYTES))
        position += length
    if moov is None:
        return Layout(cut_short=True, has_index=False)
    try:
        shown = _shown(moov)
    except (struct.error, IndexError):
        shown = 1.0
    kinds = {_child(track, b"mdia", b"hdlr")[8:12] for name, track in _boxes(moov) if name == b"trak"}
    only_sound = b"soun" in kinds and b"vide" not in kinds
    return Layout(position > size, only_sound=only_sound, counts=not _child(moov, b"mvex"), shown=shown)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if length < 8:
            return
        yield data[position + 4 : position + 8], data[position + 8 : position + length]
        position += length


def _child(data: bytes, *path: bytes) -> bytes:
    for name in path:
        data = next((body for found, body in _boxes(data) if found == name), b"")
    return data


def _shown(moov: bytes) -> float:
    """Duration of the video track as edited (``tkhd``) over the duration of its media (``mdhd``).

    The count of frames is that of the media; where someone trimmed the video, the frames outside are never given.
    """
    movie_scale = _times(_child(moov, b"mvhd"))[0]
    for name, track in _boxes(moov):
        if name != b"trak" or _child(track, b"mdia", b"hdlr")[8:12] != b"vide":
            continue
        media_scale, media = _times(_child(track, b"mdia", b"mdhd"))
        header = _child(track, b"tkhd")
        edited = struct.unpack(">Q", header[28:36])[0] if header[0] else struct.unpack(">I", header[20:24])[0]
        if media and media_scale and movie_scale:
            return min(1.0, float(edited) / movie_scale * media_scale / media)
    return 1.0


def _times(header: bytes) -> tuple[int, int]:
    """(units a second, duration in units) of an ``mvhd`` or ``mdhd`` box."""
    scale, duration = struct.unpack(">IQ", header[20:32]) if header[0] else struct.unpack(">II", header[12:20])
    return scale, duration


def _mkv_end(head: bytes) -> int:
    """Where the file should end, bytes; 0 where it does not say (a recording that was never finished)."""
    try:
        size, start = _variable_int(head, 4)
        segment = start + size
        if size < 0 or head[segment : segment + 4] != b"\x18\x53\x80\x67":
            return 0
        size, start = _variable_int(head, segment + 4)
    except IndexError:
        return 0
    return start + size if size >= 0 else 0


def _variable_int(data: bytes, position: int) -> tuple[int, int]:
    """(value, position behind it) of an EBML number, whose leading zero bits tell its length; -1 for "unknown"."""
    length = 9 - data[position].bit_length()
    if not 1 <= length <= 8:
        raise IndexError
    value = int.from_bytes(data[position : position + length], "big") & ((1 << 7 * length) - 1)
    return (-1 if value == (1 << 7 * length) - 1 else value), position + length
