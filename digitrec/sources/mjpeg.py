"""MJPEG over HTTP: JPEGs one after the other in a ``multipart/x-mixed-replace`` answer.

Read here and not by FFmpeg, which hands on half a JPEG with its rest grey, and cannot tell the end of a stream from the
death of its server.
"""

from __future__ import annotations

import http.client
import re
import time

from digitrec.errors import SourceError
from digitrec.results import Image
from digitrec.sources.grab import StreamEnd
from digitrec.sources.images import decode_picture
from digitrec.sources.sniff import HEAD_BYTES, jpeg_is_complete, sniff
from digitrec.sources.web import NETWORK_FAULTS, reason

_MOST_PART_BYTES = 32 << 20
_MOST_HEADER_BYTES = 16 << 10
_READ_BYTES = 64 << 10
_WHOLE_S = 1.0  # pictures with damage are left out where a whole one came so recently
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,9})\s*$", re.I | re.M)


class MjpegCapture:
    """The JPEGs of a ``multipart/x-mixed-replace`` answer, for the grab thread.

    Args:
        response: the answer, its body not read yet; its socket has a timeout.
        name: for the messages.
        part_s: a part that takes longer is a stall, however its bytes trickle in, seconds.

    Attributes:
        damaged: pictures that were cut short or damaged.
    """

    def __init__(self, response: http.client.HTTPResponse, name: str, part_s: float) -> None:
        self._response = response
        self._name = name
        self._part_s = part_s
        boundary = str(response.headers.get_param("boundary", "")).strip('"').lstrip("-")
        self._boundary = b"--" + boundary.encode("latin-1", "replace")
        self._buffer = bytearray()
        self._whole_s = self._until_s = time.monotonic()
        self.damaged = 0

    def read(self) -> tuple[bool, Image | None]:
        """The next picture; (False, None) for one that is cut short, or damaged while others are not."""
        self._until_s = time.monotonic() + self._part_s
        image, is_whole = self._decode(self._next_part())
        now = time.monotonic()
        if is_whole:
            self._whole_s = now
            return True, image
        self.damaged += 1
        if now - self._whole_s < _WHOLE_S:
            return False, None
        return image is not None, image

    def _decode(self, part: bytes) -> tuple[Image | None, bool]:
        """A part's picture, None where nothing can be made of it, and whether it is whole."""
        if sniff(part[:HEAD_BYTES]) == "jpg" and not jpeg_is_complete(part):
            return None, False
        try:
            image, problem = decode_picture(part, self._name)
        except SourceError:
            return None, False
        return image, problem is None

    def release(self) -> None:
        """Close the connection."""
        self._response.close()

    def _next_part(self) -> bytes:
        while (end := _HEADER_END.search(self._buffer)) is None:
            if len(self._buffer) > _MOST_HEADER_BYTES:
                raise SourceError(f"{self._name} is no MJPEG stream: it has no part headers. Check the address.")
            self._fill()
            self._buffer = self._buffer.lstrip(b"\r\n")  # the line end behind the part before
        header = bytes(self._buffer[: end.start()])
        del self._buffer[: end.end()]
        if header.strip() == self._boundary + b"--":
            raise StreamEnd
        length = _LENGTH.search(header)
        if length:
            return self._take(int(length[1]))
        searched = 0
        while (found := self._buffer.find(self._boundary, searched)) < 0:
            searched = max(0, len(self._buffer) - len(self._boundary))
            self._fill()
        return self._take(found)

    def _take(self, length: int) -> bytes:
        if length > _MOST_PART_BYTES:
            raise SourceError(f"{self._name} sends a picture of {length >> 20} MB. Check the address.")
        while len(self._buffer) < length:
            self._fill()
        part = bytes(self._buffer[:length])
        del self._buffer[:length]
        return part

    def _fill(self) -> None:
        """Read what has arrived; told apart at the end: complete (its end mark came) or dead."""
        began_s = time.monotonic()
        try:
            data = self._response.read1(_READ_BYTES)
        except TimeoutError as error:
            raise SourceError(
                f"{self._name} stalls: no picture for {self._part_s:g} s. Look after the server."
            ) from error
        except NETWORK_FAULTS as error:
            raise SourceError(f"{self._name} broke off: {reason(error)}. Look after the server.") from error
        if not data:
            tail = bytes(self._buffer).strip()
            if tail == self._boundary + b"--" or (not tail and self._response_is_complete()):
                raise StreamEnd
            raise SourceError(f"{self._name} broke off: the server closed the connection. Look after the server.")
        took_s = time.monotonic() - began_s
        if took_s > self._part_s:  # longer than the socket waits: this process was stopped for a while
            self._until_s += took_s
        if time.monotonic() > self._until_s or len(self._buffer) > _MOST_PART_BYTES:
            raise SourceError(f"{self._name} stalls: no picture for {self._part_s:g} s. Look after the server.")
        self._buffer += data

    def _response_is_complete(self) -> bool:
        """Chunked answers and those with a length say themselves where they end."""
        return bool(self._response.chunked) or self._response.headers.get("Content-Length") is not None
