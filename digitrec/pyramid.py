"""Picture -> the levels of its ink, made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from digitrec.coloured_rules import clearer_channel
from digitrec.ink import USUAL, InkLevel, InkLook, darkness_channel, ink_level, planes_of
from digitrec.paper import reduced
from digitrec.polarity import Polarity, clearest, polarity_of
from digitrec.results import Image
from digitrec.scratch import Scratch
from digitrec.tint import is_tinted

MAX_SIDE_PX = 1920
"""Larger frames are searched at this size: a digit needs no more than a few dozen pixels."""

COARSE = 4
"""The second level of the pyramid is this many times smaller."""


class Pyramid:
    """The ink of one picture.

    Args:
        image: uint8 (H, W, 3) or (H, W).
        scratch: lends the arrays for what lies between: it is not free for another picture before the last level.
        light_on_dark: the writing is lighter than its ground; None: to be found.
        look: how ink is told from paper.
    """

    def __init__(
        self,
        image: Image,
        scratch: Scratch | None = None,
        light_on_dark: bool | None = None,
        look: InkLook = USUAL,
    ) -> None:
        self._look = look
        self._scratch = scratch or Scratch()
        self._scale = min(1.0, MAX_SIDE_PX / max(image.shape[:2]))
        if self._scale < 1:
            image = _shrink(image, self._scale)
        self._image = image
        planes = planes_of(image, self._scratch)
        tinted = is_tinted(planes)
        if light_on_dark is None:
            self.polarity = polarity_of(clearest(planes) if tinted else planes[len(planes) // 2], planes)
        else:
            self.polarity = Polarity(light_on_dark)
        self._channel = darkness_channel(planes, self.polarity.light_on_dark, tinted)

    def fine(self, blurred: bool = True, closed: bool = True) -> InkLevel:
        """The finest level; ``blurred`` against grain, its gaps ``closed``: small writing runs together by either."""
        look = replace(self._look, blurred=blurred, closed=closed)
        return ink_level(self._channel, self._scale, scratch=self._scratch, look=look)

    def without_colour(self, found: InkLevel, bare: InkLevel) -> InkLevel | None:
        """The finest level where rules of another colour than the ink are hardly seen; None where there is none such.

        From now on the other levels are of the same channel.

        Args:
            found: the finest level.
            bare: without its rules.
        """
        if self.polarity.light_on_dark or self._image.ndim == 2:
            return None
        channel = clearer_channel([np.asarray(plane, np.uint8) for plane in cv2.split(self._image)], found, bare)
        if channel is None:
            return None
        self._channel = channel
        return self.fine()

    def coarse(self) -> InkLevel | None:
        """The other level; None where the picture is too small for one."""
        if min(self._channel.shape) < 40 * COARSE:
            return None
        return ink_level(_shrink(self._channel, 1 / COARSE), self._scale / COARSE, coarse=True, look=self._look)


def ink_levels(image: Image) -> Iterator[InkLevel]:
    """The levels of uint8 (H, W, 3) or (H, W), finest first: one or two."""
    pyramid = Pyramid(image)
    yield pyramid.fine()
    coarse = pyramid.coarse()
    if coarse is not None:
        yield coarse


def _shrink(image: Image, scale: float) -> Image:
    height, width = image.shape[:2]
    return reduced(image, (max(1, round(width * scale)), max(1, round(height * scale))))
