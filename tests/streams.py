"""Small real servers for tests: MJPEG and files over HTTP on 127.0.0.1, each reply a script of what to send when."""

from __future__ import annotations

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
    """White paper with a black bar whose place and length tell ``number``: no two are the same. size: (width, height)."""
    width, height = size
    image = np.full((height, width, 3), 255, np.uint8)
    left = 8 + number * 8 % (width - 24)
    cv2.rectangle(image, (left, 16), (left + 8, 24 + number % (height // 2)), (0, 0, 0), -1)
    return image


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
    """``with Server({"/cam": Reply(...)}) as server: server.url("/cam")``; ``requests`` lists the paths asked for."""

    def __init__(self, replies: dict[str, Reply]) -> None:
        self.requests: list[str] = []
        self.closing = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
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


def until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for a condition of another thread; False where it does not come."""
    end_s = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_s:
            return False
        time.sleep(0.01)
    return True
