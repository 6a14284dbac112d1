"""The thread that reads a camera or stream, and looks whether its frames are alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitrec.console import heard_libraries
from digitrec.errors import SourceError
from digitrec.results import Image
from digitrec.sources.backend import cv2, sane_fps
from digitrec.sources.images import TALK, to_bgr

_PAUSE_S = 0.02  # a dead device answers "no frame" at once, for ever
_RELEASE_S = 2.0
_PROBE_STEP = 8
_BLACK_LEVEL = 16  # what video calls black
_LIT_SHARE = 0.01


class StreamEnd(Exception):
    """The stream said that it is complete."""


class Capture(Protocol):
    """What the grab thread needs of a device: ``cv2.VideoCapture`` has it, and so has the MJPEG reader."""

    def read(self) -> tuple[bool, NDArray[np.generic] | None]:
        """(True, picture); (False, None) or an empty picture: nothing usable this time.

        Raises:
            SourceError: it died.
            StreamEnd: it is complete.
        """
        ...

    def release(self) -> None:
        """Free the device."""
        ...


Opener = Callable[[], Capture]


class Grab(threading.Thread):
    """Opens, reads and releases one connection, all in this thread, so that a device that hangs holds up nothing else.

    A daemon: a thread that is stuck in a driver cannot keep the process from ending. Attributes are read and written
    under ``news``, which is notified on each change.

    Args:
        name: of the source, for messages.
        opener: opens the device; raises SourceError.
        capture: an open connection to use instead.
        after: the connection before this one, which has to let go of the device first.

    Attributes:
        newest: the newest frame and when it arrived (``time.monotonic()``), until it is taken.
        opened: the device answered.
        alive_s: when the last frame came that was neither black nor the same as the one before.
        came_s: when the last frame came at all, usable or not a change; None before the first.
        black: whether that frame was black.
        failure: why the connection is over, for people; ``ended``: it is over because it is complete.
        dropped: frames replaced before they were taken; ``bad``: reads without a usable picture.
        damaged: pictures that came cut short or damaged, where the capture can tell.
        probe: a few pixels of the last frame, to compare with.
    """

    def __init__(self, name: str, opener: Opener, capture: Capture | None = None, after: Grab | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self.news = threading.Condition()
        self.newest: tuple[Image, float] | None = None
        self.opened = False
        self.alive_s = time.monotonic()
        self.came_s: float | None = None
        self.black = False
        self.failure: str | None = None
        self.ended = False
        self.dropped = 0
        self.bad = 0
        self.damaged = 0
        self.fps: float | None = None
        self.probe: bytes = after.probe if after else b""
        self._opener = opener
        self._capture = capture
        self._after = after
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Ask the thread to release the device and end, as soon as the device lets go of it."""
        self._stopped.set()

    def run(self) -> None:
        """Read until stopped, dead or complete."""
        capture = None
        try:
            if self._after is not None:
                self._after.join(_RELEASE_S)
                self._after = None
            capture = self._capture or self._opener()
            self._note_open(capture)
            while not self._stopped.is_set():
                ok, picture = _read(capture)
                self.damaged = getattr(capture, "damaged", 0)
                self._take_in(to_bgr(picture) if ok and picture is not None else None)
        except StreamEnd:
            self._finish(None)
        except SourceError as error:
            self._finish(error.message)
        except cv2.error as error:
            self._finish(f"{self.name} failed in its driver: {error.err}. Unplug it and plug it in again.")
        finally:
            if capture is not None:
                capture.release()
            self._finish(f"{self.name} stopped. Start again.")

    def _note_open(self, capture: Capture) -> None:
        get = getattr(capture, "get", None)
        fps = sane_fps(get(cv2.CAP_PROP_FPS)) if get else None
        with self.news:
            self.opened, self.fps, self.alive_s = True, fps, time.monotonic()
            self.news.notify_all()

    def _finish(self, failure: str | None) -> None:
        with self.news:
            if self.failure is None and not self.ended:
                self.failure, self.ended = failure, failure is None
            self.news.notify_all()

    def _take_in(self, image: Image | None) -> None:
        if image is None:
            with self.news:
                self.bad += 1
            self._stopped.wait(_PAUSE_S)
            return
        now = time.monotonic()
        pixels = image[_PROBE_STEP // 2 :: _PROBE_STEP, _PROBE_STEP // 2 :: _PROBE_STEP]
        if pixels.size == 0:
            pixels = image
        probe = pixels.tobytes()
        black = int(np.count_nonzero(pixels > _BLACK_LEVEL)) < _LIT_SHARE * pixels.size
        with self.news:
            if not black and probe != self.probe:
                self.alive_s = now
            self.came_s, self.black, self.probe = now, black, probe
            self.dropped += self.newest is not None
            self.newest = (image, now)
            self.news.notify_all()


def _read(capture: Capture) -> tuple[bool, NDArray[np.generic] | None]:
    """The next picture, without what libjpeg says on standard error of webcams that leave junk between theirs."""
    if not isinstance(capture, cv2.VideoCapture):
        return capture.read()
    if not capture.grab():  # waits for the camera; "retrieve" decodes
        return False, None
    with heard_libraries(TALK):
        return capture.retrieve()
