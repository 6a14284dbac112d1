"""The window's state: which frame it shows, what the view keys switched on, which message is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from digitrec.recognizer import Explanation
from digitrec.results import Frame, Image, Reading
from digitrec.screen import Look, compose, first_size
from digitrec.window import Command

TITLE = "digitrec"
MESSAGE_S = 3.0
EXPLAIN_QUICK_S, EXPLAIN_SELDOM = 0.04, 3.0
"""While a camera runs, the debug view is made anew after so many times as long as it took beyond this."""

WAITING_SIZE = (960, 540)
"""Of the frame that has not come yet, for a window that has to tell why."""


class Screen(Protocol):
    """What the viewer needs of a window (``digitrec.window.Window``); tests give a plain object."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), pixels."""
        ...

    def show(self, picture: Image) -> None:
        """Show a picture of ``size``."""
        ...

    def poll(self, wait_s: float) -> Command | None:
        """Wait for a key."""
        ...

    def close(self) -> None:
        """Take the window away."""
        ...


class Viewer:
    """Shows frames in a window and obeys the keys that only change the view.

    Args:
        make_window: makes the window from its title and (width, height), pixels, once the first frame's size is known.
        explain: ``Recognizer.explain``, for the debug view.
        look: what is switched on at the start.
        screen: (width, height) of the screen, pixels.
    """

    def __init__(
        self,
        make_window: Callable[[str, tuple[int, int]], Screen],
        explain: Callable[[Image], Explanation],
        look: Look,
        screen: tuple[int, int],
    ) -> None:
        self._make_window = make_window
        self._window: Screen | None = None
        self._explain = explain
        self._look = look
        self._screen = screen
        self._frame: Frame | None = None
        self._reading: Reading | None = None
        self._note_until_s = 0.0
        self._status: str | None = None
        self._seen: Explanation | None = None
        self._explain_again_s = 0.0

    @property
    def now_shown(self) -> tuple[Frame, Reading] | None:
        """The frame in the window with its reading."""
        return None if self._frame is None or self._reading is None else (self._frame, self._reading)

    def show(self, frame: Frame, reading: Reading, left: str, right: str) -> None:
        """Show a frame; ``left`` and ``right`` are the words of the bar."""
        self._frame, self._reading = frame, reading
        self._look = replace(self._look, left=left, right=right)
        self.refresh()

    def say(self, note: str) -> None:
        """Show a message for three seconds."""
        self._note_until_s = time.monotonic() + MESSAGE_S
        self._look = replace(self._look, note=note, alarm=False)
        self.refresh()

    def set_status(self, status: str | None) -> None:
        """Show a fault of the source for as long as it lasts (None: it is over)."""
        if status != self._status:
            self._status = status
            self._look = replace(self._look, note=status or "", alarm=status is not None)
            self.refresh()

    def set_right(self, right: str) -> None:
        """Change the right of the bar while the frame stands still."""
        if right != self._look.right:
            self._look = replace(self._look, right=right)
            self.refresh()

    def set_recording(self, recording: bool) -> None:
        """Show or hide the recording dot."""
        self._look = replace(self._look, recording=recording)
        self.refresh()

    def refresh(self) -> None:
        """Draw the window anew."""
        if self._look.note and self._status is None and time.monotonic() > self._note_until_s:
            self._look = replace(self._look, note="")
        if self._window is None:
            size = self._frame.size if self._frame is not None else WAITING_SIZE
            self._window = self._make_window(TITLE, first_size(size, self._screen))
        self._window.show(compose(self._frame, self._reading, self._look, self._window.size, self._explained()))

    def _explained(self) -> Explanation | None:
        """What the debug view shows; while a camera runs it is made anew for a part of the time only."""
        if not self._look.debug or self._frame is None:
            return None
        image, is_live = self._frame.image, self._frame.grabbed_s is not None
        seen, began_s = self._seen, time.monotonic()
        if seen is None or not is_live or began_s >= self._explain_again_s or seen.mask.shape != image.shape[:2]:
            seen = self._seen = self._explain(image)
            now_s = time.monotonic()
            self._explain_again_s = now_s + EXPLAIN_SELDOM * max(0.0, now_s - began_s - EXPLAIN_QUICK_S)
        return seen

    def poll(self, wait_s: float) -> Command | None:
        """Wait for a key at most ``wait_s``; view keys are obeyed here, the others returned."""
        if self._window is None:
            time.sleep(wait_s)
            return None
        if self._look.note and self._status is None and time.monotonic() > self._note_until_s:
            self.refresh()
        command = self._window.poll(wait_s)
        look = self._look
        if command is Command.MIRROR:
            self._look = replace(look, mirror=not look.mirror)
        elif command is Command.DEBUG:
            self._look = replace(look, debug=not look.debug)
        elif command is Command.HELP:
            self._look = replace(look, help=not look.help)
        else:
            return command
        self.refresh()
        return None

    def close(self) -> None:
        """Close the window."""
        if self._window is not None:
            self._window.close()
