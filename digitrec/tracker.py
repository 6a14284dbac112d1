"""Identity and smoothing across frames: digits and numbers keep their ids, labels do not dance.

Each digit is followed by its place, its look and its class. What is shown of it is the fading mean of all looks at it.
A detection of a single frame is not shown; live, a true digit appears with its second reading. For files the frames
after it are known: with a look-ahead of a few frames it appears from its first.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from digitrec.results import Frame, Reading
from digitrec.tracking.agreement import NO_COURSE, Course
from digitrec.tracking.render import Renderer
from digitrec.tracking.tracks import TrackBook

LOOK_AHEAD = 3
"""Frames by which a file's readings are delayed."""


class Tracker:
    """For live sources: each reading is answered at once.

    One tracker serves one source; make a new one after a seek.
    """

    def __init__(self) -> None:
        self._book = TrackBook(history=LOOK_AHEAD)
        self._renderer = Renderer(self._book)
        self._count = 0

    def update(self, reading: Reading, frame: Frame, course: Course = NO_COURSE) -> Reading:
        """The next frame's reading, steadied.

        Args:
            reading: of this frame alone, rejects included: they tell that a digit is still there, if unsure.
            frame: its ``time_s`` counts; a clock that stands still or jumps is borne.
            course: how the digits went to it from the last one, as far as that is known.

        Returns:
            Digits and numbers with ids, in reading order. ``digits`` holds what is visible (for up to a frame also
            what was missed in it); ``Number.digits`` also those covered for the moment, so that a number stays what
            it is while a finger passes over.
        """
        self._book.step(reading, frame.time_s, self._count, course=course)
        steadied = self._renderer.render(reading, self._count, self._count)
        self._count += 1
        return steadied


class LookAheadTracker:
    """For files: readings come back a few frames later, and are the better for it.

    Digits are there from their first frame, gaps of a few frames are closed, and nothing is shown that does not come
    back. One tracker serves one source. Use: ``for frame, reading in tracker.push(frame, reading): write``, and at
    the end of the source the same with ``tracker.flush()``. Every frame comes back once, in order.

    Args:
        frames: the delay.
    """

    def __init__(self, frames: int = LOOK_AHEAD) -> None:
        self._delay = frames
        self._book = TrackBook(history=2 * frames + 2)
        self._renderer = Renderer(self._book)
        self._waiting: deque[tuple[int, int, Frame, Reading]] = deque()
        self._newest: int | None = None
        self._count = 0

    def push(self, frame: Frame, reading: Reading, course: Course = NO_COURSE) -> list[tuple[Frame, Reading]]:
        """Take the next frame, or a later one if those before it show the same; the frames that are settled now.

        Args:
            frame: the frame.
            reading: of it alone.
            course: how the digits went to it from the last one, as far as that is known.
        """
        skipped = max(0, frame.index - self._newest - 1) if self._newest is not None else 0
        self._newest = frame.index
        self._book.step(reading, frame.time_s, self._count, 1 + skipped, course)
        self._waiting.append((self._count, 1 + skipped, frame, reading))
        self._count += 1
        settled = []
        while self._waiting and self._is_known(frame):
            settled.append(self._settle())
        return settled

    def flush(self) -> list[tuple[Frame, Reading]]:
        """The frames that still wait, at the end of the source; the tracker is empty then."""
        if self._count == len(self._waiting) == 1:  # a video of a single frame: nothing could confirm it
            _, _, frame, reading = self._waiting.popleft()
            return [(frame, _numbered(reading))]
        return [self._settle() for _ in range(len(self._waiting))]

    def _is_known(self, newest: Frame) -> bool:
        """Whether enough is known of what follows the first that waits."""
        return len(self._waiting) > self._delay or newest.index - self._waiting[0][2].index >= self._delay

    def _settle(self) -> tuple[Frame, Reading]:
        index, frames, frame, reading = self._waiting.popleft()
        return frame, self._renderer.render(reading, index, self._count - 1, frames)


def _numbered(reading: Reading) -> Reading:
    ids = {id(d): i for i, d in enumerate(reading.digits, 1)}
    digits = tuple(replace(d, id=i) for i, d in enumerate(reading.digits, 1))
    numbers = tuple(
        replace(n, id=i, digits=tuple(replace(d, id=ids.get(id(d))) for d in n.digits))
        for i, n in enumerate(reading.numbers, 1)
    )
    return replace(reading, digits=digits, numbers=numbers)
