"""cam.py with a camera at fault in place of the real one: ``python -m tests.faulty_camera FAULT [cam.py's arguments]``.

Camera 0 is a stand-in for ``cv2.VideoCapture``, handed to the tool where it opens the real one.
"""

from __future__ import annotations

import sys
import time

import cv2
import numpy as np

from tests.camtools import page

PAUSE_S = 0.02


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
}


class Camera:
    """What the tool needs of ``cv2.VideoCapture``."""

    def __init__(self, fault: str) -> None:
        self._first, self._then, self._fps = FAULTS[fault]
        self._count = -1

    def get(self, prop: int) -> float:
        return self._fps

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(PAUSE_S)
        self._count += 1
        image = (self._first if self._count < 10 else self._then)(self._count)
        return image is not None, image

    def release(self) -> None:
        pass


if __name__ == "__main__":
    from digitrec.cli import run_script
    from digitrec.sources import opening

    opening.open_camera = lambda index, options: Camera(fault)
    fault = sys.argv.pop(1)
    run_script()
