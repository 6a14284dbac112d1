"""Small real servers for tests: MJPEG and files over HTTP on 127.0.0.1, each reply a script of what to send when."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

BOUNDARY = b"--frame"
END = BOUNDARY + b"--\r\n"
MJPEG = "multipart/x-mixed-replace; boundary=frame"

Body = Callable[[threading.Event], Iterable[bytes]]
"""Called for each request with an event that is set when the server closes; yields what to send; returning closes."""


def picture(number: int, size: tuple[int, int] = (160, 120)) -> np.ndarray:
    """White paper with ``number`` (0-255) as black blocks, which ``number_of`` reads back. size: (width, height)."""
    image = np.full((size[1], size[0], 3), 255, np.uint8)
    for bit in range(8):
        if number >> bit & 1:
            image[16:48, 8 + 16 * bit : 24 + 16 * bit] = 0
    image[-24:, :24] = 0  # tells which way is up
    return image


def number_of(image: np.ndarray) -> int:
    return sum((int(image[32, 16 + 16 * bit].mean()) < 128) << bit for bit in range(8))


def jpeg(image: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def part(data: bytes, *, with_length: bool = True) -> bytes:
    length = b"Content-Length: %d\r\n" % len(data) if with_length else b""
    return BOUNDARY + b"\r\nContent-Type: image/jpeg\r\n" + length + b"\r\n" + data + b"\r\n"


def frames(images: Sequence[np.ndarray], *, pause_s: float = 0.02, end: bytes = END, again: bool = False) -> Body:
    """Each image once (``again``: round and round), then ``end``."""

    def body(closing: threading.Event) -> Iterator[bytes]:
        while True:
            for image in images:
                yield part(jpeg(image))
                if closing.wait(pause_s):
                    return
            if not again:
                break
        yield end

    return body


def then_stall(*chunks: bytes) -> Body:
    """Send ``chunks``, then stay silent with the connection open."""

    def body(closing: threading.Event) -> Iterator[bytes]:
        yield from chunks
        closing.wait()

    return body


@dataclass
class Reply:
    """What one path answers."""

    body: Body | bytes = b""
    content_type: str = MJPEG
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """``with Server({"/cam": Reply(...)}) as server: server.url("/cam")``; ``requests`` lists the paths asked for,
    ``headers`` what was sent with them."""

    def __init__(self, replies: dict[str, Reply]) -> None:
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                outer.headers.append(dict(self.headers))
                reply = replies.get(self.path, Reply(b"<html>not here</html>", "text/html", 404))
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if isinstance(reply.body, bytes):
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                try:
                    for chunk in [reply.body] if isinstance(reply.body, bytes) else reply.body(outer.closing):
                        self.wfile.write(chunk)
                        self.wfile.flush()
                except OSError:  # the client left
                    pass
                self.close_connection = True

            def log_message(self, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._http.server_port}{path}"

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()


class RtspServer:
    """H.264 over RTSP, interleaved in its one TCP connection; after the last frame it stays silent until closed.

    Enough for one kind of client: OPTIONS, DESCRIBE, SETUP and PLAY, for FFmpeg.
    """

    def __init__(self, annex_b: bytes, *, pause_s: float = 0.02) -> None:
        self._units = [unit.rstrip(b"\0") for unit in re.split(rb"\0\0\0?\x01", annex_b) if unit]
        self._pause_s = pause_s
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/cam"

    def __enter__(self) -> RtspServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        sdp = (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=cam\r\nt=0 0\r\n"
            "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track\r\n"
        )
        answers = {
            "DESCRIBE": f"Content-Type: application/sdp\r\nContent-Length: {len(sdp)}\r\n\r\n{sdp}",
            "SETUP": "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n\r\n",
        }
        try:
            lines = client.makefile("rb")
            while request := lines.readline().decode():
                headers = dict(iter(lambda: tuple(lines.readline().decode().strip().partition(": ")[::2]), ("", "")))
                verb = request.split()[0]
                head = f"RTSP/1.0 200 OK\r\nCSeq: {headers['CSeq']}\r\n"
                client.sendall((head + answers.get(verb, "Public: DESCRIBE, SETUP, PLAY\r\n\r\n")).encode())
                if verb == "PLAY":
                    self._play(client)
        except OSError:  # the client left
            pass
        finally:
            client.close()

    def _play(self, client: socket.socket) -> None:
        sequence, clock = 0, 0
        for unit in self._units:
            is_picture = unit[0] & 31 in {1, 5}
            head, rest = unit[0], unit[1:]
            pieces = [rest[at : at + 1200] for at in range(0, len(rest), 1200)]
            for number, piece in enumerate(pieces):
                first, last = number == 0, number == len(pieces) - 1
                fragment = bytes([head & 0xE0 | 28, first << 7 | last << 6 | head & 31]) + piece  # FU-A, RFC 6184
                payload = unit if len(pieces) == 1 else fragment
                marker = (is_picture and last) << 7
                rtp = struct.pack(">BBHII", 0x80, marker | 96, sequence & 0xFFFF, clock, 1) + payload
                client.sendall(struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)
                sequence += 1
            if is_picture:
                clock += 3000
                if self._closing.wait(self._pause_s):
                    return
        self._closing.wait()


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for a condition of another thread; False where it does not come."""
    end_s = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.01)
    return True
