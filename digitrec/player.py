"""Playing in the window: pause, step, seek, pictures one by one, a live source that falls silent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from digitrec.interrupts import Interrupts
from digitrec.keepsakes import Keepsakes
from digitrec.outputs.base import Moment
from digitrec.pipeline import Pipeline, is_still
from digitrec.results import Frame, Reading
from digitrec.screen import GAP
from digitrec.sources import Source
from digitrec.summary import Meter, clock
from digitrec.viewer import Viewer
from digitrec.window import Command
from digitrec.words import in_words

SEEK_S = 5.0
READ_S = 0.02
IDLE_S = 0.03
LATE_S = 0.25
"""A frame later than this does not make the next ones hurry."""


class LiveSource(Source, Protocol):
    """What a live source has beyond ``Source``."""

    @property
    def status(self) -> str | None:
        """What is wrong now; None while frames come."""
        ...

    @property
    def ended(self) -> bool:
        """No more frames will come."""
        ...

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame, or None after ``timeout_s``."""
        ...

    def reconnect(self) -> None:
        """Open the device anew."""
        ...


@dataclass(frozen=True, slots=True)
class Controls:
    """What the player works with besides the pipeline.

    Attributes:
        viewer: the window.
        keepsakes: snapshots and recordings.
        meter: for the bar.
        interrupts: recordings are not cut in the middle of a frame.
        say: lines for people, on standard error.
        now: of the frame that is being shown, for recordings.
        words: the bar says numbers in words too.
        start_s: where videos begin, seconds.
    """

    viewer: Viewer
    keepsakes: Keepsakes
    meter: Meter
    interrupts: Interrupts
    say: Callable[[str], None]
    now: Moment
    words: bool = False
    start_s: float = 0.0


class Player:
    """Plays a source in the window until it ends or the user quits.

    Args:
        source: what is played.
        pipeline: reads and writes.
        controls: the window and what the keys need.
        recorded: all frames are written somewhere, in order: no jumping, and pictures do not wait for a key.
    """

    def __init__(self, source: Source, pipeline: Pipeline, controls: Controls, recorded: bool) -> None:
        self._source = source
        self._pipeline = pipeline
        self._controls = controls
        self._recorded = recorded
        self._viewer = controls.viewer
        self._quit = False
        self._paused = False
        self._step = False
        self._moved = False
        self._zero_s: float | None = None
        self._waited_s = 0.0
        self._frame: Frame | None = None

    def run(self) -> bool:
        """Play; true where the user quit.

        Raises:
            SourceError: the source died.
            OutputError: an output cannot be written.
        """
        try:
            if self._source.is_live:
                self._play_live()
            else:
                self._play_file()
            return self._quit
        finally:
            with self._controls.interrupts.held():
                self._controls.keepsakes.close()
                self._viewer.close()

    def _play_live(self) -> None:
        """Frames as they come; the window lives on while none do."""
        live = cast(LiveSource, self._source)
        spoken: str | None = None
        while not self._quit:
            waiting = self._paused and not self._step
            frame = None if waiting else live.read(READ_S)
            if live.status != spoken:
                spoken = live.status
                self._controls.say(spoken or f"{self._source.name} is back")
            self._viewer.set_status(live.status)
            if frame is not None:
                self._step = False
                began_s = time.monotonic()
                for shown, reading in self._pipeline.step(live, frame):
                    self._show(shown, reading)
                self._pipeline.done(live, frame, time.monotonic() - began_s)
            elif live.ended:
                return
            self._obey(self._viewer.poll(IDLE_S if waiting else 0.001))

    def _play_file(self) -> None:
        """Videos at their own speed; pictures wait for a key, unless they are being recorded."""
        for frame in self._source:
            self._waited_s, began_s = 0.0, time.monotonic()
            for shown, reading in self._pipeline.step(self._source, frame):
                self._present(shown, reading)
            self._pipeline.done(self._source, frame, time.monotonic() - began_s - self._waited_s)
            self._moved = False
            if self._quit:
                return
        for shown, reading in self._pipeline.finish():
            self._present(shown, reading)

    def _present(self, frame: Frame, reading: Reading) -> None:
        """Show a frame when it is due, and stay with it while paused."""
        if self._quit or self._moved:
            return
        began_s = time.monotonic()
        self._step, still = False, is_still(self._source, frame)
        if not still and not self._is_due(frame):
            return
        self._waited_s += time.monotonic() - began_s
        self._show(frame, reading)
        began_s = time.monotonic()
        if still and not self._recorded:
            self._paused = True
            self._refresh_right()
        self._obey(self._viewer.poll(0.001))
        while self._paused and not (self._step or self._moved or self._quit):
            self._obey(self._viewer.poll(IDLE_S))
        if still:
            self._paused = False
        self._waited_s += time.monotonic() - began_s

    def _is_due(self, frame: Frame) -> bool:
        """Handle keys until it is time for ``frame``; false when they led away from it."""
        now = time.monotonic()
        if self._paused or self._zero_s is None or now - (self._zero_s + frame.time_s) > LATE_S:
            self._zero_s = now - frame.time_s
        due_s = self._zero_s + frame.time_s
        while (left_s := due_s - time.monotonic()) > 0 and not (self._quit or self._moved or self._paused):
            self._obey(self._viewer.poll(min(left_s, IDLE_S)))
        return not self._moved

    def _show(self, frame: Frame, reading: Reading) -> None:
        self._frame = frame
        self._viewer.show(frame, reading, self._left(reading), self._right(frame))
        with self._controls.interrupts.held():
            self._tell(self._controls.keepsakes.record(frame, reading))

    def _obey(self, command: Command | None) -> None:
        if command is Command.QUIT:
            self._quit = True
        elif command is Command.PAUSE:
            self._pause(not self._paused)
        elif command is Command.STEP:
            self._step = True
            self._pause(True)
        elif command in {Command.BACK, Command.FORWARD}:
            self._seek(SEEK_S if command is Command.FORWARD else -SEEK_S)
        elif command is Command.SNAPSHOT:
            self._tell(self._controls.keepsakes.snapshot(self._viewer.now_shown))
        elif command is Command.RECORD:
            self._record()
        elif command is Command.RECONNECT and self._source.is_live:
            cast(LiveSource, self._source).reconnect()
            self._viewer.say("reconnecting")

    def _pause(self, paused: bool) -> None:
        """Stand still, or go on; the time between does not count."""
        self._paused = paused
        self._zero_s = None
        self._controls.meter.resume()
        self._refresh_right()

    def _record(self) -> None:
        """Begin a recording, or end it; a picture that stands there is in it, since no frame may follow."""
        keepsakes, shown = self._controls.keepsakes, self._viewer.now_shown
        with self._controls.interrupts.held():
            self._tell(keepsakes.toggle(self._controls.now))
            if shown is not None and is_still(self._source, shown[0]):
                self._tell(keepsakes.record(*shown))

    def _seek(self, by_s: float) -> None:
        """Jump; pictures go on one by one with the right arrow."""
        if self._frame is not None and is_still(self._source, self._frame) and by_s > 0:
            self._step = True
        elif self._recorded:
            self._viewer.say("no jumping while --out records every frame")
        elif self._frame is not None and self._source.seek(max(0.0, self._frame.time_s + by_s)):
            self._pipeline.forget()
            self._moved, self._zero_s = True, None
        else:
            self._viewer.say("no jumping in this source")

    def _tell(self, note: str | None) -> None:
        """Say what became of a snapshot or recording, in the window and on standard error."""
        self._viewer.set_recording(self._controls.keepsakes.is_recording)
        if note is not None:
            self._viewer.say(note)
            self._controls.say(note)

    def _refresh_right(self) -> None:
        if self._frame is not None:
            self._viewer.set_right(self._right(self._frame))

    def _left(self, reading: Reading) -> str:
        words = self._controls.words
        return GAP.join(f"{n.text} ({in_words(n.text)})" if words else n.text for n in reading.numbers)

    def _right(self, frame: Frame) -> str:
        """As ``paused   0:12 / 0:30   30 fps   6 ms``, as far as it is known."""
        meter, count, fps = self._controls.meter, self._source.frame_count, self._source.fps
        if is_still(self._source, frame):
            if self._recorded:
                return frame.source
            more = count is not None and frame.index + 1 < count
            return f"{frame.source}   " + (f"Space: next ({frame.index + 1} of {count})" if more else "Space: close")
        parts = ["paused"] if self._paused else []
        if not self._source.is_live:
            length = f" / {clock(self._controls.start_s + count / fps)}" if count and fps else ""
            parts.append(clock(frame.time_s) + length)
        return "   ".join([*parts, f"{meter.fps:.0f} fps", f"{meter.recent_ms:.0f} ms"])
