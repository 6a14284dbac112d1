"""Cameras and streams: one thread grabs, only the newest frame is kept, faults are told and mended."""

from __future__ import annotations

import atexit
import sys
import time
from dataclasses import dataclass

from digitrec.errors import SourceError
from digitrec.results import Frame
from digitrec.sources.base import ClosingMixin, SourceOptions
from digitrec.sources.grab import Capture, Grab, Opener

_WAKE_S = 0.2  # waiting is cut into pieces, so that Ctrl+C is seen on Windows too
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_RELEASE_S = 1.0
_MOST_STUCK = 3
_DOUBT = 1 / 3  # of the stall time: a process that was stopped (Ctrl+Z) or starved gets so long to see that all is well


@dataclass(frozen=True, slots=True)
class Advice:
    """The words for a kind of live source: what silence may mean, what to do, in a window and without one."""

    silence: str
    repeat: str
    black: str
    in_window: str
    otherwise: str


CAMERA = Advice(
    "unplugged, or in use by another program",
    "unplugged, or asleep",
    "covered, or without light",
    "Plug it in and press r, or choose another: --list-cameras",
    "Plug it in and start again, or choose another: --list-cameras",
)
STREAM = Advice(
    "the server or the network is down",
    "its camera hangs",
    "its camera is covered, or without light",
    "Look after the server and press r.",
    "Look after the server and start again.",
)


class LiveSource(ClosingMixin):
    """The newest frame of a camera or stream; never blocks its reader longer than asked.

    ``for frame in source`` waits for frames; a window calls ``read`` with a short time instead and shows ``status``.

    Args:
        name: shown to people ("camera 1", the address).
        opener: opens the device, called in the grab thread (macOS: here, since only the main thread may open cameras).
        options: stall and retry rules, ``end_s``.
        advice: the words for faults.
        capture: an open connection, to begin with.

    Raises:
        SourceError: it cannot be opened.
    """

    is_live = True
    frame_count: int | None = None

    def __init__(
        self,
        name: str,
        opener: Opener,
        options: SourceOptions,
        advice: Advice = CAMERA,
        capture: Capture | None = None,
    ) -> None:
        self.name = name
        self.problems: list[str] = []
        self.status: str | None = None
        self._opener = opener
        self._options = options
        self._advice = advice
        self._opens_here = sys.platform == "darwin" and advice is CAMERA
        self._index = -1
        self._start_s: float | None = None
        self._closed = False
        self._complete = False
        self._dropped_before = 0
        self._bad_before = 0
        self._damaged_before = 0
        self._pause_s = _FIRST_PAUSE_S
        self._retry_s = 0.0
        self._doubted_s: float | None = None
        self._left: list[Grab] = []
        # A thread that comes back from the driver while Python shuts down aborts the process.
        atexit.register(self.close)
        self._grab = self._connect(capture)
        self._wait_until_open()

    @property
    def fps(self) -> float | None:
        """Frames a second that the device claims; None where it claims nothing to be believed."""
        return self._grab.fps

    @property
    def dropped(self) -> int:
        """Frames that were grabbed and never handed out, a newer one being there."""
        return self._dropped_before + self._grab.dropped

    @property
    def bad(self) -> int:
        """Reads that gave an empty, damaged or unknown picture."""
        return self._bad_before + self._grab.bad

    @property
    def damaged(self) -> int:
        """Pictures that came cut short or damaged, where that can be told (MJPEG over HTTP)."""
        return self._damaged_before + self._grab.damaged

    @property
    def ended(self) -> bool:
        """No more frames will come: the stream is complete, ``options.end_s`` is reached, or it was closed."""
        return self._closed or self._complete

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame that was not handed out before, None where none comes in time.

        Sets ``status``: what is wrong, None while all is well. ``Frame.grabbed_s`` tells when it arrived.

        Raises:
            SourceError: the source is at fault and ``options.live_retry`` is off.
        """
        frame = self._newest(timeout_s)
        if not self.ended:
            self._look_after(has_frame=frame is not None)
        return frame

    def reconnect(self) -> None:
        """Open the device anew, now; frames go on with their numbers and times."""
        self._pause_s = _FIRST_PAUSE_S
        if not self._closed:
            self._replace()

    def __next__(self) -> Frame:
        while not self.ended:
            frame = self.read(_WAKE_S)
            if frame is not None:
                return frame
        raise StopIteration

    def close(self) -> None:
        """Stop grabbing; the grab thread releases the device. Waits a second for it, not for ever."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        self._grab.stop()
        if self._grab.ident is not None:
            self._grab.join(_RELEASE_S)

    def _connect(self, capture: Capture | None = None, after: Grab | None = None) -> Grab:
        failure = None
        if capture is None and self._opens_here:
            if after is not None:
                after.join(_RELEASE_S)
            try:
                capture = self._opener()
            except SourceError as error:
                failure = error.message
        grab = Grab(self.name, self._opener, capture, after)
        grab.failure = failure
        if failure is None:
            grab.start()
        return grab

    def _wait_until_open(self) -> None:
        grab, until_s = self._grab, time.monotonic() + self._options.open_timeout_s
        with grab.news:
            while not (grab.opened or grab.failure or grab.ended) and time.monotonic() < until_s:
                grab.news.wait(_WAKE_S)
            failure, opened = grab.failure, grab.opened
        if failure is None and not opened and not grab.ended:
            failure = (
                f"{self.name} did not answer within {self._options.open_timeout_s:g} s ({self._advice.silence}). "
                f"{self._advice.otherwise}"
            )
        if failure is not None and not opened:
            self.close()
            raise SourceError(failure)

    def _newest(self, timeout_s: float) -> Frame | None:
        grab, until_s = self._grab, time.monotonic() + timeout_s
        with grab.news:
            while grab.newest is None and not (grab.failure or grab.ended or self._closed):
                left_s = until_s - time.monotonic()
                if left_s <= 0:
                    return None
                grab.news.wait(min(left_s, _WAKE_S))
            newest, grab.newest = grab.newest, None
            self._complete = newest is None and grab.ended
        if newest is None:
            if grab.failure:  # nothing will come before the next connection: do not let the caller spin
                time.sleep(min(timeout_s, _WAKE_S / 4))
            return None
        image, grabbed_s = newest
        if self._start_s is None:
            self._start_s = grabbed_s
        time_s = grabbed_s - self._start_s
        if self._options.end_s is not None and time_s >= self._options.end_s:
            self._complete = True
            return None
        self._index += 1
        return Frame(image, self._index, time_s, self.name, grabbed_s)

    def _look_after(self, *, has_frame: bool) -> None:
        """Set ``status`` from what the grab thread saw; at a fault reconnect when the pause is over, or give up."""
        grab, now = self._grab, time.monotonic()
        with grab.news:
            # What came before a connection died is handed out before its death is told.
            fault = self._fault(grab, now) if grab.failure is None or not has_frame else None
            is_well = grab.came_s is not None and grab.alive_s >= grab.came_s
            if self._is_in_doubt(fault if grab.failure is None else None, now):
                return
        if fault is None:
            if is_well:  # a fresh connection is no proof yet: the message stays until a live frame comes
                self.status, self._pause_s = None, _FIRST_PAUSE_S
            return
        if not self._options.live_retry:
            self.close()
            raise SourceError(fault)
        if self.status is None:
            self._retry_s = now + self._pause_s
        self.status = fault
        if now >= self._retry_s:
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
            self._retry_s = now + self._pause_s
            self._replace()

    def _is_in_doubt(self, stall: str | None, now: float) -> bool:
        """A stall has to be seen for a while: it may be this process that stood still."""
        if stall is None:
            self._doubted_s = None
            return False
        if self._doubted_s is None:
            self._doubted_s = now
        return now - self._doubted_s < _DOUBT * self._options.stall_s

    def _fault(self, grab: Grab, now: float) -> str | None:
        stall_s = self._options.stall_s
        remedy = self._advice.in_window if self._options.live_retry else self._advice.otherwise
        if grab.failure is not None:
            return grab.failure
        if now - grab.alive_s <= stall_s:
            return None
        if grab.came_s is None or now - grab.came_s > stall_s:
            return f"{self.name} gave no frame for {stall_s:g} s ({self._advice.silence}). {remedy}"
        if grab.black:
            return f"{self.name} gives only black frames ({self._advice.black}). {remedy}"
        return f"{self.name} repeats one and the same frame ({self._advice.repeat}). {remedy}"

    def _replace(self) -> None:
        """Leave the connection to its thread and begin another, unless too many threads hang in a driver already."""
        left = self._grab
        self._left = [grab for grab in self._left if grab.is_alive()]
        if len(self._left) >= _MOST_STUCK:
            return
        left.stop()
        self._left.append(left)
        self._dropped_before += left.dropped
        self._bad_before += left.bad
        self._damaged_before += left.damaged
        self._grab = self._connect(after=left)
