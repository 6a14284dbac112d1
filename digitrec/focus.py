"""Which part of a live frame is read: where digits are known, and now and then the whole.

A sheet in a room is a tenth of the work of the room, and read as well without it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from digitrec.parts import part_around
from digitrec.results import Box, Reading

WHOLE_S = 1.0
"""So long after a whole frame was read the next one is: for digits that are somewhere else."""

LOST = 3
"""Parts in which nothing is read, one after the other, until the whole frame is: a sheet that moves is a blur."""

FURTHER = 3.0
"""So many heights of a digit are read around all of them where more may go on."""


class Focus:
    """Says for each frame what is read of it.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._whole_s = -math.inf
        self._empty = LOST
        self._beyond: Sequence[Box] = ()
        self._part: Box | None = None
        self._size = (0, 0)

    def part(self, boxes: Sequence[Box], size: tuple[int, int]) -> Box | None:
        """What is read of a frame, (width, height) pixels, in which digits are expected in ``boxes``; None: all.

        Where none are expected any more, it is the part of last time.
        """
        if self._empty >= LOST or self._clock() - self._whole_s >= WHOLE_S:
            return None
        if boxes or size != self._size:
            further = part_around([*boxes, *self._beyond], size, FURTHER) if self._beyond else None
            self._part, self._size = further or part_around(boxes, size), size
        return self._part

    def note_whole(self) -> None:
        """All of a frame was read."""
        self._whole_s, self._empty, self._beyond, self._part = self._clock(), 0, (), None

    def note_part(self, reading: Reading, beyond: Sequence[Box]) -> None:
        """A part was read. What may go on beyond it is in the next one, once."""
        self._empty = 0 if reading.digits else self._empty + 1
        self._beyond = () if self._beyond else beyond
