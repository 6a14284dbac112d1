"""cam.py with a camera at fault in place of the real one: ``python -m tests.faulty_camera FAULT [cam.py's arguments]``.

Camera 0 is a stand-in for ``cv2.VideoCapture``, handed to the tool where it opens the real one. One whose faults end no
run waits until each of its frames was taken, and is complete after ``FRAMES``: how fast the machine is does not matter.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from digitrec import session
from digitrec.results import Frame
from digitrec.sources import CameraInfo, SourceOptions, cameras, opening, specs
from digitrec.sources.grab import StreamEnd
from digitrec.sources.live import LiveSource
from tests.camtools import page

PAUSE_S = 0.02
FRAMES = 40
PATIENCE_S = 60.0
taken = threading.Event()


def good(n: int) -> np.ndarray | None:
    return page("72", (160, 120), shift=n % 5)


def black(n: int) -> np.ndarray | None:
    return np.full((120, 160, 3), n % 3, np.uint8)


def grey(n: int) -> np.ndarray | None:
    return cv2.cvtColor(good(n), cv2.COLOR_BGR2GRAY)


def sized(n: int) -> np.ndarray | None:
    return page("72", (160 + 40 * (n // 8 % 2), 120), shift=n % 5)


def odd(n: int) -> np.ndarray | None:
    return [good(n), None, np.zeros((0, 0, 3), np.uint8), np.zeros((9, 9, 5), np.uint8)][n % 4]


def nothing(n: int) -> np.ndarray | None:
    return None


def broken(n: int) -> np.ndarray | None:
    raise cv2.error("select() timeout")


def endless(n: int) -> np.ndarray | None:
    time.sleep(600)
    return None


# fault: (what the first ten frames are, what those after them are, frames a second that it claims)
FAULTS = {
    "unplugged": (good, nothing, 30.0),
    "silent": (nothing, nothing, 30.0),
    "hangs": (good, endless, 30.0),
    "driver": (good, broken, 30.0),
    "repeats": (good, lambda n: good(0), 30.0),
    "goes black": (good, black, 30.0),
    "dark at first": (black, good, 30.0),
    "fps 0": (good, good, 0.0),
    "fps nan": (good, good, float("nan")),
    "fps 1000": (good, good, 1000.0),
    "sizes": (sized, sized, 30.0),
    "grey": (grey, grey, 30.0),
    "two channels": (good, lambda n: np.full((120, 160, 2), 128 + n % 9, np.uint8), 30.0),
    "odd frames": (odd, odd, 30.0),
    "none": (good, good, 30.0),
}
DEADLY = {"unplugged", "silent", "hangs", "driver", "repeats", "goes black"}
ENDLESS = {*DEADLY, "none"}


class Camera:
    """What the tool needs of ``cv2.VideoCapture``."""

    def __init__(self, fault: str) -> None:
        self._first, self._then, self._fps = FAULTS[fault]
        self._count = -1
        self._waits = fault not in ENDLESS
        self._given = False

    def get(self, prop: int) -> float:
        return self._fps

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(PAUSE_S)
        self._count += 1
        if self._waits and self._given:
            taken.wait(PATIENCE_S)
            taken.clear()
        if self._waits and self._count == FRAMES:
            raise StreamEnd
        image = (self._first if self._count < 10 else self._then)(self._count)
        self._given = image is not None and image.size > 0 and image.shape[2:] != (5,)
        return image is not None, image

    def release(self) -> None:
        pass


class Watched(LiveSource):
    """Tells the camera when a frame was taken."""

    def read(self, timeout_s: float) -> Frame | None:
        frame = super().read(timeout_s)
        if frame is not None:
            taken.set()
        return frame


class Busy:
    """A device that another program has."""

    def __init__(self, *_: object) -> None:
        pass

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return False

    def release(self) -> None:
        pass


def make_busy() -> None:
    cameras._refusal = lambda index: None
    cv2.VideoCapture = Busy


def make_forbidden() -> None:
    exists: Callable[[Path], bool] = Path.exists
    Path.exists = lambda self: str(self) == "/dev/video0" or exists(self)
    os.access = lambda *_: False


def make_two() -> None:
    found = [CameraInfo(0, "Integrated Webcam: HD"), CameraInfo(2, "Logitech Webcam C920")]
    cameras.list_cameras = specs.list_cameras = lambda: found


REFUSALS = {"busy": make_busy, "forbidden": make_forbidden, "two of a name": make_two}


def install(fault: str) -> None:
    """Put the camera at fault where the real one is opened."""
    if fault in REFUSALS:
        REFUSALS[fault]()
        return
    opening.open_camera = lambda index, options: Camera(fault)
    opening.LiveSource = Watched
    if fault not in ENDLESS:  # no slowness of the machine is to be taken for a stall
        session.SourceOptions = partial(SourceOptions, stall_s=PATIENCE_S)


if __name__ == "__main__":
    from digitrec.cli import run_script

    install(sys.argv.pop(1))
    run_script()
