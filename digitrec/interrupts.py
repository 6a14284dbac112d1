"""Ctrl+C and SIGTERM: they end a run at once, but never in the middle of a line or of closing a file."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self


class Interrupted(BaseException):
    """The run was asked to end by a signal; its exit code is 128 + the signal's number."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"interrupted by {signal.Signals(signum).name}")
        self.exit_code = 128 + signum


class Interrupts:
    """Turns signals into ``Interrupted`` while entered; inside ``held()`` they wait until it is left, or released.

    A second signal while the first waits takes its usual effect: a stuck disk cannot hold the process.
    """

    _SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")

    def __init__(self) -> None:
        self._held = 0
        self._waiting: int | None = None
        self._before: dict[int, signal._HANDLER] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in self._SIGNALS:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # nohup stays as asked
                    self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Signals wait inside; the first that came is raised when it is left."""
        before = self._held
        self._held = before + 1
        try:
            yield
        finally:
            self._held = before
        self._raise_waiting()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Inside ``held()``: signals do not wait here, for what takes long and may be broken off anywhere.

        The first that waited until now is raised at once. In other threads than the main one, which signals never
        reach, it does nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = self._held
        try:
            self._held = 0
            self._raise_waiting()
            yield
        finally:
            self._held = before

    def _raise_waiting(self) -> None:
        if self._waiting is not None and not self._held:
            raise Interrupted(self._waiting)

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        if not self._held:
            raise Interrupted(signum)
        if self._waiting is not None:
            self.__exit__()
            signal.raise_signal(signum)
        self._waiting = signum
