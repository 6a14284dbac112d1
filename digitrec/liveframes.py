"""Live frames: each is read as it comes, as long as that is quick.

Where a frame takes longer than the next one to come, as in a room full of things, it is read in a thread of its own,
and in those that come meanwhile the digits that were read last are followed. So the picture goes on at the camera's
pace, with each label on its digit. And of most frames only that part is read in which digits are known.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

from digitrec.focus import Focus
from digitrec.keyframes import room_for
from digitrec.parts import read_part
from digitrec.results import Box, Frame, Image, Reading
from digitrec.tracker import Tracker
from digitrec.tracking.agreement import NO_COURSE, Course, View
from digitrec.tracking.onward import Onward

QUICK_S = 0.04
"""Less than a camera of 25 frames a second takes for one."""

_Answer = tuple[Reading, Sequence[Box], float]


@dataclass(frozen=True, slots=True)
class _Task:
    """A frame to read, how the digits went to it from the last that was read, and what of it; None: all."""

    view: View
    course: Course = NO_COURSE
    part: Box | None = None


class LiveFrames:
    """Reads and tracks the frames of a live source; each comes back at once.

    Args:
        read: ``Recognizer.read``.
        quick_s: after a frame, or part of one, that was read in so little time, the next one is waited for.
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
        self._focus = Focus(clock)
        self._took_s, self._part_took_s = 0.0, math.inf
        self._under_way: tuple[_Task, Future[_Answer]] | None = None
        self._since: list[View] = []
        self._onward: Onward | None = None

    def push(self, frame: Frame) -> list[tuple[Frame, Reading]]:
        """The frame with its reading, or with what was read last."""
        view, onward = View(frame), self._take()
        if onward is None or (self._under_way is None and self._took_s <= self._quick_s):
            self._settle(_Task(view), self._timed(frame.image))
            return [(frame, view.reading)]
        followed = onward.reading_in(view)
        if self._under_way is not None:
            self._keep(view)
            return [(frame, followed)]
        part = self._focus.part(onward.boxes_in(view), frame.size)
        task = _Task(view, onward.course_to(view), part)
        if part is None or self._part_took_s > self._quick_s / 2:  # it was followed, too
            self._begin(task)
            return [(frame, followed)]
        self._settle(task, self._timed(frame.image, part))
        return [(frame, view.reading)]

    def flush(self, reads: bool = True) -> list[tuple[Frame, Reading]]:
        """The end of the source: no frame waits, and what is being read is not wanted any more."""
        if self._executor is not None:
            self._executor.shutdown(wait=reads, cancel_futures=True)
        self._under_way, self._executor = None, None
        return []

    def _begin(self, task: _Task) -> None:
        """Have a frame read meanwhile."""
        self._executor = self._executor or ThreadPoolExecutor(1, "reader")
        self._under_way = task, self._executor.submit(self._timed, task.view.frame.image, task.part)
        self._since.clear()

    def _keep(self, view: View) -> None:
        """A frame that came after the one that is being read, and will help to find its digits."""
        if len(self._since) >= max(1, room_for(view.frame, pictures=True)):
            del self._since[::2]
        self._since.append(view)

    def _take(self) -> Onward | None:
        """What was read last, by now; None before the first frame."""
        if self._under_way is not None and self._under_way[1].done():
            task, answer = self._under_way
            self._under_way = None
            onward = self._settle(task, answer.result())
            for later in self._since:
                onward.follow(later)
        return self._onward

    def _settle(self, task: _Task, answer: _Answer) -> Onward:
        """A frame was read: from now on its digits are followed."""
        reading, beyond, took_s = answer
        if task.part is None:
            self._took_s = took_s
            self._focus.note_whole()
        else:
            self._part_took_s = took_s
            self._focus.note_part(reading, beyond)
        view = task.view
        view.reading = self._tracker.update(reading, view.frame, task.course)
        shown = {digit.box for digit in view.reading.digits}
        self._onward = Onward(view, [d.box for d in reading.digits if d.box not in shown])
        return self._onward

    def _timed(self, image: Image, part: Box | None = None) -> _Answer:
        began_s = self._clock()
        reading, beyond = (self._read(image), []) if part is None else read_part(self._read, image, part)
        return reading, beyond, self._clock() - began_s
