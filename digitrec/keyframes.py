"""Recorded frames of which only some are read: those between two that say the same, and show the same, say it too.

From one frame of a video to the next hardly anything changes, and to read a frame takes many times as long as to see
that. So one of a few is read. Where two such agree in all digits, and each digit's patch is found again in each frame
between them, those frames' readings lie between theirs. Where not, the frame half way is read, and so on: what changes
is read frame by frame.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from digitrec.results import Frame, Image, Reading
from digitrec.tracker import LookAheadTracker
from digitrec.tracking.agreement import NO_COURSE, Course, View, find_course
from digitrec.tracking.between import readings_between

REACH_S = 0.54
"""Frames that are read lie no further apart than this, seconds ..."""

EMPTY_REACH_S = 0.14
"""... than this while nothing is read, for what is there more briefly would be missed ..."""

MOST = 16
"""... by no more than so many frames ..."""

MOST_BYTES = 64_000_000
"""... and so many bytes: all pictures between two that are read wait in memory."""

_Settled = tuple[Frame, Reading]


def room_for(frame: Frame, pictures: bool) -> int:
    """How many frames of its size may wait; half as many where those that were followed keep their pictures."""
    return min(MOST, MOST_BYTES // max(1, frame.image.nbytes * (1 + pictures)))


class Tracks(Protocol):
    """Gives digits and numbers an identity across frames, and steadies them."""

    def push(self, frame: Frame, reading: Reading, course: Course) -> list[_Settled]:
        """Take the next frame, to which the digits went like this; the frames that are settled now."""
        ...

    def flush(self) -> list[_Settled]:
        """The frames that still wait, at the end of the source."""
        ...


class KeyFrames:
    """Reads and tracks the frames of one source; each comes back once, in order.

    Args:
        read: ``Recognizer.read``.
        tracker: takes the frames that are read.
        reach_s: so far apart they may lie, seconds; 0: each frame is read.
        pictures: frames come back with their pictures; else some come back with black ones of the same size.
    """

    def __init__(
        self, read: Callable[[Image], Reading], tracker: Tracks, reach_s: float, pictures: bool = True
    ) -> None:
        self._read = read
        self._tracker = tracker
        self._reach_s = reach_s
        self._pictures = pictures
        self._key: View | None = None
        self._unread: list[View] = []
        self._courses: dict[int, Course] = {}
        self._waiting: deque[View] = deque()
        self._settled: list[_Settled] = []
        self._last: Reading | None = None

    @property
    def has_unread(self) -> bool:
        """Frames wait for one to be read after them."""
        return bool(self._unread)

    def push(self, frame: Frame) -> list[_Settled]:
        """Take the next frame; the frames that are settled now."""
        view = View(frame)
        self._waiting.append(view)
        self._unread.append(view)
        if self._is_far():
            self._read_on()
        return self._take()

    def flush(self, reads: bool = True) -> list[_Settled]:
        """The frames that still wait, at the end of the source; without ``reads`` those that were not read are lost."""
        if self._unread and reads:
            self._read_on()
        self._settle(self._tracker.flush())
        self._unread.clear()
        self._waiting.clear()
        return self._take()

    def _take(self) -> list[_Settled]:
        settled, self._settled = self._settled, []
        return settled

    def _is_far(self) -> bool:
        """Whether the newest frame must be read, for the next one would lie too far from the last that was read."""
        if self._unread[-1].is_passed_over:
            return False
        frames, newest = len(self._unread), self._unread[-1].frame
        pictures = [n for n, view in enumerate(self._unread, 1) if not view.is_passed_over]
        if self._key is None or frames >= MOST or len(pictures) >= room_for(newest, self._pictures):
            return True
        gone_s = newest.time_s - self._key.frame.time_s
        reach_s = self._reach_s if self._key.digits else min(self._reach_s, EMPTY_REACH_S)
        to_next = frames - [0, *pictures][-2]
        return gone_s <= 0 or gone_s * (frames + to_next) / frames > reach_s

    def _read_on(self) -> None:
        """Read the newest frame, and of those before it what must be. Broken off, it can be called again."""
        if self._unread[-1].is_passed_over:  # the end came before it was expected
            shown = max((n for n, view in enumerate(self._unread) if not view.is_passed_over), default=-1)
            self._fetch(self._unread[shown + 1 :])
        *between, last = self._unread
        for key, course in self._keys(self._key, between, self._look(last)):
            self._courses[id(key.frame)] = course
            place = self._unread.index(key)
            self._are_seen(self._unread[:place])
            self._key, self._unread = key, self._unread[place + 1 :]
            self._settle(self._tracker.push(key.frame, key.reading, course))

    def _keys(self, first: View | None, between: list[View], last: View) -> Iterator[tuple[View, Course]]:
        """The frames after ``first``, up to ``last``, that are read, each with the course of the digits to it."""
        course = find_course(first, between, last) if between and first is not None else NO_COURSE
        if course is not None:
            yield last, course
            return
        pictures = [n for n, view in enumerate(between) if not view.is_passed_over]
        if not pictures:
            self._fetch(between)
            pictures = list(range(len(between)))
        middle = pictures[len(pictures) // 2]
        half = self._look(between[middle])
        yield from self._keys(first, between[:middle], half)
        yield from self._keys(half, between[middle + 1 :], last)

    def _fetch(self, views: Sequence[View]) -> None:
        """Get pictures that were passed over, where what lies around them differs."""
        for view in views:
            view.fetch(view.frame.image if self._key is None else self._key.frame.image)

    def _are_seen(self, views: list[View]) -> None:
        """The digits were followed through frames that need not be read."""
        if not self._pictures:
            for view in views:
                view.frame = view.frame.without_picture()

    def _look(self, view: View) -> View:
        view.reading = self._read(view.frame.image)
        return view

    def _settle(self, settled: list[_Settled]) -> None:
        """Put the frames before each that is settled before it."""
        for frame, reading in settled:
            course = self._courses.pop(id(frame))
            for between in readings_between(reading if self._last is None else self._last, reading, course):
                self._settled.append((self._waiting.popleft().frame, between))
            self._settled.append((self._waiting.popleft().frame, reading))
            self._last = reading


def recorded_frames(read: Callable[[Image], Reading], pictures: bool = True) -> KeyFrames:
    """For a file: what follows a frame is known some frames later."""
    return KeyFrames(read, LookAheadTracker(), REACH_S, pictures)
