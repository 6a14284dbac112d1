"""Live frames: each is read as it comes, as long as that is quick.

Where a frame takes longer than the next one to come, as in a room full of things, it is read in a thread of its own,
and in those that come meanwhile the digits that were read last are followed. So the picture goes on at the camera's
pace, with each label on its digit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from digitrec.keyframes import room_for
from digitrec.results import Frame, Image, Reading
from digitrec.tracker import Tracker
from digitrec.tracking.agreement import NO_COURSE, Course, View
from digitrec.tracking.onward import Onward

QUICK_S = 0.04
"""Less than a camera of 25 frames a second takes for one."""

_Answer = tuple[Reading, float]


class LiveFrames:
    """Reads and tracks the frames of a live source; each comes back at once.

    Args:
        read: ``Recognizer.read``.
        quick_s: after a frame that was read in so little time, the next one is waited for.
        executor: reads what takes long; None: a thread.
        clock: seconds, monotonic.
    """

    has_unread = False

    def __init__(
        self,
        read: Callable[[Image], Reading],
        quick_s: float = QUICK_S,
        executor: Executor | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._tracker = Tracker()
        self._quick_s = quick_s
        self._executor = executor
        self._clock = clock
        self._took_s = 0.0
        self._under_way: tuple[View, Course, Future[_Answer]] | None = None
        self._since: list[View] = []
        self._onward: Onward | None = None

    def push(self, frame: Frame) -> list[tuple[Frame, Reading]]:
        """The frame with its reading, or with what was read last."""
        view, onward = View(frame), self._take()
        if onward is None or (self._under_way is None and self._took_s <= self._quick_s):
            self._onward = self._settled(view, self._timed(frame.image))
            return [(frame, view.reading)]
        followed = onward.reading_in(view)
        if self._under_way is None:
            self._begin(view, onward.course_to(view))
        else:
            self._keep(view)
        return [(frame, followed)]

    def flush(self) -> list[tuple[Frame, Reading]]:
        """The end of the source: no frame waits, and what is being read is not wanted any more."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        self._under_way, self._executor = None, None
        return []

    def _begin(self, view: View, course: Course) -> None:
        """Have a frame read meanwhile, to which the digits went like this from the last that was read."""
        self._executor = self._executor or ThreadPoolExecutor(1, "reader")
        self._under_way = view, course, self._executor.submit(self._timed, view.frame.image)
        self._since.clear()

    def _keep(self, view: View) -> None:
        """A frame that came after the one that is being read, and will help to find its digits."""
        if len(self._since) >= max(1, room_for(view.frame, pictures=True)):
            del self._since[::2]
        self._since.append(view)

    def _take(self) -> Onward | None:
        """What was read last, by now; None before the first frame."""
        if self._under_way is not None and self._under_way[2].done():
            view, course, answer = self._under_way
            self._under_way, self._onward = None, self._settled(view, answer.result(), course)
            for later in self._since:
                self._onward.follow(later)
        return self._onward

    def _settled(self, view: View, answer: _Answer, course: Course = NO_COURSE) -> Onward:
        """A frame was read: from now on its digits are followed."""
        reading, self._took_s = answer
        view.reading = self._tracker.update(reading, view.frame, course)
        return Onward(view)

    def _timed(self, image: Image) -> _Answer:
        began_s = self._clock()
        reading = self._read(image)
        return reading, self._clock() - began_s
