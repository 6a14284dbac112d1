"""Reads a canvas as if it lay on a larger white sheet: what is drawn along its edge stands on paper like the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np

from digitrec.results import Box, Digit, Image, Number, Reading

MARGIN_PX = 24
"""Enough for the ground beside the broadest stroke to be seen."""


class Reads(Protocol):
    """What is asked to read."""

    def read(self, image: Image) -> Reading:
        """Read a uint8 (H, W, 3) BGR picture."""
        ...


def read_with_margin(recognizer: Reads, image: Image) -> Reading:
    """Read a uint8 (H, W, 3) BGR canvas with white around it; boxes are in the pixels of the canvas."""
    sides = (MARGIN_PX,) * 4
    sheet = cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    reading = recognizer.read(np.asarray(sheet, np.uint8))
    size = image.shape[1], image.shape[0]
    digits = {id(d): replace(d, box=_moved(d.box, size)) for d in reading.digits}
    return replace(
        reading,
        digits=tuple(digits.values()),
        numbers=tuple(_moved_number(n, digits, size) for n in reading.numbers),
        size=size,
        rejects=tuple(replace(r, box=_moved(r.box, size)) for r in reading.rejects),
    )


def _moved_number(number: Number, digits: dict[int, Digit], size: tuple[int, int]) -> Number:
    own = tuple(digits[id(d)] for d in number.digits)
    return replace(number, box=_moved(number.box, size), digits=own)


def _moved(box: Box, size: tuple[int, int]) -> Box:
    """From the sheet to the canvas; ink has a soft rim, which may end a pixel outside."""
    left, top = max(0, box.x - MARGIN_PX), max(0, box.y - MARGIN_PX)
    right = min(size[0], max(left + 1, box.x + box.width - MARGIN_PX))
    bottom = min(size[1], max(top + 1, box.y + box.height - MARGIN_PX))
    return Box(min(left, right - 1), min(top, bottom - 1), max(1, right - left), max(1, bottom - top))
