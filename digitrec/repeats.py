"""Frames that come again, the same to the last pixel: recordings of a screen and of slow cameras are full of them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from digitrec.results import Image, Reading

_STEP_PX = 64
"""Nearly every frame that differs does so at one of the pixels of a coarse grid: comparing those takes 0.01 ms."""


class Repeats:
    """Reads a picture, unless it is the one before: then its reading is given again.

    A reading depends on nothing but the picture, so that the two cannot differ.

    Args:
        read: ``Recognizer.read``.

    Attributes:
        reads: so many pictures were read.
    """

    def __init__(self, read: Callable[[Image], Reading]) -> None:
        self.reads = 0
        self._read = read
        self._last: tuple[Image, Reading] | None = None

    def read(self, image: Image) -> Reading:
        """The reading of ``image``, which must not be changed afterwards: it is kept until the next."""
        if self._last is None or not is_same(image, self._last[0]):
            self._last = image, self._read(image)
            self.reads += 1
        return self._last[1]


def is_same(first: Image, second: Image) -> bool:
    """Two uint8 pictures have the same size and the same pixels."""
    if first.shape != second.shape:
        return False
    if not np.array_equal(first[::_STEP_PX, ::_STEP_PX], second[::_STEP_PX, ::_STEP_PX]):
        return False
    return first.size == 0 or cv2.norm(first, second, cv2.NORM_INF) == 0
