"""A bar with the time left, on a terminal only; elsewhere nothing but the lines that are said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from digitrec.console import Console

if TYPE_CHECKING:
    import keras

_WIDTH = 24
_EVERY_S = 0.2


class Bar:
    """How far a run of known length has come.

    Args:
        console: where it shows.
        what: said before the bar.
        total: steps in the whole run.
        done: steps that an earlier run did; they say nothing about this one's pace.
    """

    def __init__(self, console: Console, what: str, total: int, done: int = 0) -> None:
        self._console, self._what, self._total = console, what, max(1, total)
        self._first = self._done = done
        self._start_s = time.monotonic()
        self._shown_s = 0.0

    def step(self, count: int = 1) -> None:
        """``count`` more steps are done."""
        self._done += count
        now_s = time.monotonic()
        if now_s - self._shown_s >= _EVERY_S:
            self._shown_s = now_s
            self._console.progress(self.line(now_s - self._start_s))

    def line(self, elapsed_s: float) -> str:
        """The bar's text after ``elapsed_s`` seconds of this run."""
        share = min(1.0, self._done / self._total)
        filled = int(share * _WIDTH)
        fresh = self._done - self._first
        left = f"{clock((self._total - self._done) * elapsed_s / fresh)} left" if fresh else "..."
        return f"{self._what} [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}  {left}"

    def close(self) -> None:
        """Take the bar away."""
        self._console.clear()


def clock(seconds: float) -> str:
    """``3:07`` or ``1:02:09``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def each_batch(bar: Bar) -> keras.callbacks.Callback:
    """A Keras callback that moves ``bar`` one step a batch."""
    import keras

    return keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: bar.step())
