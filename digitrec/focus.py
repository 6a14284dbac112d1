"""Which part of a live frame is read: where digits are known, and now and then the whole.

A sheet in a room is a tenth of the work of the room, and read as well without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from digitrec.bars import moved
from digitrec.results import NOT_A_DIGIT, Box, Image, Reading, Reject

WHOLE_S = 1.0
"""So long after a whole frame was read the next one is: for digits that are somewhere else."""

MARGIN, BEYOND, LEAST_PX = 1.0, 3.0, 16
"""So many heights of a digit are read around all of them, so many where more may go on there, and at least so many
pixels."""

LARGEST = 0.5
"""A part that is more of the frame than this is no gain."""

EDGE = 0.5
"""What stands nearer to the edge of the part than so many of its heights may go on beyond it and is not believed ..."""

LIKELY = 0.5
"""... nor what was not answered, but is a digit with this probability."""


def part_around(boxes: Sequence[Box], size: tuple[int, int], heights: float = MARGIN) -> Box | None:
    """The part of a frame, (width, height) pixels, that is read for digits in these boxes; None: the whole.

    Args:
        boxes: of digits.
        size: of the frame.
        heights: so many of a digit's are read around them.
    """
    if not boxes:
        return None
    margin = max(LEAST_PX, round(heights * median(box.height for box in boxes)))
    x, y, width, height = Box.around(list(boxes))
    left, top = max(0, x - margin), max(0, y - margin)
    right, bottom = min(size[0], x + width + margin), min(size[1], y + height + margin)
    if right <= left or bottom <= top or (right - left) * (bottom - top) > LARGEST * size[0] * size[1]:
        return None
    return Box(left, top, right - left, bottom - top)


def read_part(read: Callable[[Image], Reading], image: Image, part: Box) -> Reading:
    """The reading of a part, boxes in pixels of the whole; why nothing was read in it is not told."""
    reading = read(image[part.y : part.y + part.height, part.x : part.x + part.width])
    found = moved(reading, part, (image.shape[1], image.shape[0]))
    return Reading(found.digits, found.numbers, found.size, found.rejects)


class Focus:
    """Says for each frame what is read of it.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._whole_s = -math.inf
        self._is_lost = True
        self._beyond: list[Box] = []

    def part(self, boxes: Sequence[Box], size: tuple[int, int]) -> Box | None:
        """What is read of a frame, (width, height) pixels, in which digits are expected in ``boxes``; None: all."""
        if self._is_lost or self._clock() - self._whole_s >= WHOLE_S:
            return None
        extended = part_around([*boxes, *self._beyond], size, BEYOND) if self._beyond else None
        return extended or part_around(boxes, size)

    def sure(self, reading: Reading, part: Box | None) -> Reading:
        """What is believed of the reading of a part, or of the whole frame; where nothing is, the whole is read next.

        What may go on beyond the edge of the part is in the next one, once.
        """
        if part is None:
            self._whole_s, self._is_lost, self._beyond = self._clock(), False, []
            return reading
        unclear = {digit.box for digit in reading.digits if _is_near_edge(digit.box, part, reading.size)}
        digits = tuple(digit for digit in reading.digits if digit.box not in unclear)
        numbers = tuple(n for n in reading.numbers if not any(digit.box in unclear for digit in n.digits))
        cut = [r.box for r in reading.rejects if _is_likely(r) and _is_near_edge(r.box, part, reading.size)]
        self._beyond = [] if self._beyond else [*unclear, *cut]
        self._is_lost = not digits
        return replace(reading, digits=digits, numbers=numbers)


def _is_likely(reject: Reject) -> bool:
    """By itself it would be a digit."""
    return max(reject.probabilities[:NOT_A_DIGIT], default=0.0) >= LIKELY


def _is_near_edge(box: Box, part: Box, size: tuple[int, int]) -> bool:
    """Whether there may be more of it, or beside it, outside of the part but inside of the frame."""
    margin = EDGE * box.height
    return (
        (box.x - part.x < margin and part.x > 0)
        or (box.y - part.y < margin and part.y > 0)
        or (part.x + part.width - box.x - box.width < margin and part.x + part.width < size[0])
        or (part.y + part.height - box.y - box.height < margin and part.y + part.height < size[1])
    )
