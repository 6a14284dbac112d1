"""Black bars beside a picture, as videos of another shape have them: they are no part of what was taken.

Left in, they look like the edge of a dark table, and what stands near them like a stroke on that edge.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from digitrec.results import Box, Image, Reading

BLACK = 28
"""No brighter is what a camera or a codec makes of black, ..."""

ALL = 0.995
"""... in so much of a line of pixels that belongs to a bar."""

ASKED = 16
"""So many of its pixels are looked at first."""

LIT, LIT_SHARE, ENDS = 64, 0.6, 10
"""So bright is the picture's own first line, in so much of it and in half of its first and last tenth: dark ground is
left alone, with a light stroke on it."""

LEAST_PX, MOST = 3, 0.42
"""A bar is at least so broad, and at most this share of the picture."""

SMALLEST_PX = 100
"""A lesser picture has no bars: it was cut out of a larger one."""

BLUR_PX = 3
"""The codec blurs its rim so far."""


def picture_area(image: Image) -> Box:
    """Where the picture lies inside its black bars, above and below or at the sides: all of it where there are none.

    Args:
        image: uint8 (H, W, 3) or (H, W).
    """
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_PX:
        return Box(0, 0, width, height)
    turned = image.swapaxes(0, 1)
    rows = _bar(image, from_end=False), _bar(image, from_end=True)
    columns = _bar(turned, from_end=False), _bar(turned, from_end=True)
    if not any(rows + columns):
        return Box(0, 0, width, height)
    (top, bottom), (left, right) = _confirmed(image, rows, columns), _confirmed(turned, columns, rows)
    return Box(left, top, width - left - right, height - top - bottom)


def _bar(lines: Image, from_end: bool) -> int:
    """How many of the first (or last) lines are a bar; 0 where what follows is not plainly brighter."""
    lines = lines[::-1] if from_end else lines
    most = int(MOST * len(lines))
    if most < LEAST_PX or not _may_be_black(lines[:1])[0]:
        return 0  # a glance: most pictures have no bars
    count = _first(~_may_be_black(lines[:most]))
    count = min(count, _first(~_are_black(lines[:count]))) if count < most else most
    if count < LEAST_PX or count == most:
        return 0
    inside = min(count + BLUR_PX, len(lines) - 1)
    return inside if np.mean(_brightness(lines[inside]) >= LIT) >= LIT_SHARE else 0


def _confirmed(lines: Image, bars: tuple[int, int], others: tuple[int, int]) -> tuple[int, int]:
    """Those bars beside which the picture is lit from end to end, as far as the ``others`` leave room."""

    def reaches(bar: int, index: int) -> bool:
        lit = _brightness(lines[index])[others[0] : lines.shape[1] - others[1]] >= LIT
        ends = max(1, len(lit) // ENDS)
        return bar > 0 and min(lit[:ends].mean(), lit[-ends:].mean()) >= 0.5

    first, last = bars
    return first if reaches(first, first) else 0, last if reaches(last, -1 - last) else 0


def _first(flags: NDArray[np.bool_]) -> int:
    """The first that is true; the length where none is."""
    return int(flags.argmax()) if flags.any() else len(flags)


def _may_be_black(lines: Image) -> NDArray[np.bool_]:
    """Of each line whether most of a few of its pixels are."""
    few = lines[:, :: max(1, lines.shape[1] // ASKED)].reshape(len(lines), -1)
    return np.asarray(2 * np.count_nonzero(few > BLACK, axis=1) <= few.shape[1], np.bool_)


def _are_black(lines: Image) -> NDArray[np.bool_]:
    """Of each line whether all of it is, as far as every third pixel tells."""
    flat = np.ascontiguousarray(lines[:, ::3]).reshape(len(lines), -1)
    if flat.size == 0:
        return np.zeros(len(lines), np.bool_)
    lit = cv2.reduce(cv2.threshold(flat, BLACK, 1, cv2.THRESH_BINARY)[1], 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return np.asarray(lit[:, 0] <= (1 - ALL) * flat.shape[1], np.bool_)


def _brightness(line: Image) -> NDArray[np.uint8]:
    """Of each pixel of a line the brightest channel."""
    return np.asarray(line.max(axis=1) if line.ndim > 1 else line, np.uint8)


def moved(reading: Reading, area: Box, size: tuple[int, int]) -> Reading:
    """The reading of a part of a picture as one of all of it.

    Args:
        reading: of the part.
        area: where it lies.
        size: (width, height) of the picture.
    """
    if (area.width, area.height) == size:
        return reading
    return reading.relocated(lambda box: Box(box.x + area.x, box.y + area.y, box.width, box.height), size)
