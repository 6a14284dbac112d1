"""Reads the drawn part of a canvas as if it lay on a larger white sheet.

What is drawn along the canvas' edge stands on paper like the rest then, and the empty part costs no time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np

from digitrec.canvas.bare import with_bare_strokes
from digitrec.results import Box, Digit, Image, Number, Reading

MARGIN_PX = 24
"""Enough for the ground beside the broadest stroke to be seen."""

LEAST_PX = 320
"""The part is at least so wide and so high where the canvas is: broad strokes are read on a coarser level too."""

PAPER = 250
"""What is as bright as this in each channel is empty."""


class Reads(Protocol):
    """What is asked to read."""

    def read(self, image: Image) -> Reading:
        """Read a uint8 (H, W, 3) BGR picture."""
        ...


def read_with_margin(recognizer: Reads, image: Image) -> Reading:
    """Read a uint8 (H, W, 3) BGR canvas with white around it; boxes are in the pixels of the canvas."""
    x, y, width, height = drawn = _drawn_part(image)
    part = image[y : y + height, x : x + width]
    sheet = cv2.copyMakeBorder(part, *(MARGIN_PX,) * 4, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    reading = with_bare_strokes(recognizer.read(np.asarray(sheet, np.uint8)))
    digits = {id(d): replace(d, box=_moved(d.box, drawn)) for d in reading.digits}
    return replace(
        reading,
        digits=tuple(digits.values()),
        numbers=tuple(_moved_number(n, digits, drawn) for n in reading.numbers),
        size=(image.shape[1], image.shape[0]),
        rejects=tuple(replace(r, box=_moved(r.box, drawn)) for r in reading.rejects),
    )


def _drawn_part(image: Image) -> Box:
    """All that is not white, in at least ``LEAST_PX`` where the canvas is as large; of an empty canvas all of it."""
    rows, columns = image.shape[:2]
    flat = np.ascontiguousarray(image).reshape(rows, -1)  # the three channels of a pixel side by side
    left, top, width, height = cv2.boundingRect(cv2.threshold(flat, PAPER - 1, 255, cv2.THRESH_BINARY_INV)[1])
    if width == 0:
        return Box(0, 0, columns, rows)
    x, across = _widened(left // 3, -(-(left + width) // 3), columns)
    y, down = _widened(top, top + height, rows)
    return Box(x, y, across, down)


def _widened(start: int, end: int, size: int) -> tuple[int, int]:
    """(start, length) of at least ``LEAST_PX`` around ``start`` to ``end``, within 0 to ``size``."""
    length = min(size, max(end - start, LEAST_PX))
    first = min(max(0, (start + end - length) // 2), size - length)
    return first, length


def _moved_number(number: Number, digits: dict[int, Digit], drawn: Box) -> Number:
    own = tuple(digits[id(d)] for d in number.digits)
    return replace(number, box=_moved(number.box, drawn), digits=own)


def _moved(box: Box, drawn: Box) -> Box:
    """From the sheet to the canvas; ink has a soft rim, which may end a pixel outside."""
    left, top = max(0, box.x - MARGIN_PX), max(0, box.y - MARGIN_PX)
    right = min(drawn.width, max(left + 1, box.x + box.width - MARGIN_PX))
    bottom = min(drawn.height, max(top + 1, box.y + box.height - MARGIN_PX))
    left, top = min(left, right - 1), min(top, bottom - 1)
    return Box(drawn.x + left, drawn.y + top, max(1, right - left), max(1, bottom - top))
