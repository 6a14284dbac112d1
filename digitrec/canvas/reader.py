"""Reads drawings in the background: drawing never waits for a reading."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from digitrec.canvas.margin import Reads, read_drawing
from digitrec.canvas.render import Raster, reading_size
from digitrec.canvas.session import Answer
from digitrec.canvas.strokes import Drawing, Size
from digitrec.words import in_words

_PATIENCE_S = 5.0


class Reader:
    """One thread that renders and reads the newest drawing it was given; older ones that wait are dropped.

    Args:
        recognizer: used in the thread only.
        notify: called in the thread when an answer (or an error) can be taken, never after ``close``; it may not wait
            for the thread that uses the reader.
    """

    def __init__(self, recognizer: Reads, notify: Callable[[], None]) -> None:
        self._recognizer = recognizer
        self._notify = notify
        self._condition = threading.Condition()
        self._wanted: tuple[Drawing, Size] | None = None
        self._answer: Answer | None = None
        self._error: Exception | None = None
        self._busy = False
        self._closing = False
        self._raster: Raster | None = None
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        self._thread.start()

    @property
    def is_busy(self) -> bool:
        """A reading is wanted or under way."""
        with self._condition:
            return self._busy or self._wanted is not None

    def request(self, drawing: Drawing, paper: Size) -> None:
        """Read ``drawing`` on a paper of (width, height) units; returns at once."""
        with self._condition:
            self._wanted = drawing, paper
            self._condition.notify()

    def take(self) -> Answer | None:
        """The newest answer that was not taken yet.

        Raises:
            Exception: what the recognizer raised in the thread.
        """
        with self._condition:
            answer, self._answer = self._answer, None
            error, self._error = self._error, None
        if error is not None:
            raise error
        return answer

    def close(self) -> None:
        """End the thread after the reading that is under way; one that takes long is left behind, and not told of."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join(_PATIENCE_S)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._busy = False
                self._condition.wait_for(lambda: self._closing or self._wanted is not None)
                if self._closing or self._wanted is None:
                    return
                (drawing, paper), self._wanted = self._wanted, None
                self._busy = True
            answer: Answer | None = None
            error: Exception | None = None
            try:
                answer = self._read(drawing, paper)
            except Exception as caught:  # noqa: BLE001 - handed to the main thread, which reports it and ends
                error = caught
            with self._condition:
                self._answer, self._error = answer, error
                if not self._closing:  # under the lock: behind "close" the window that would be woken is gone
                    self._notify()

    def _read(self, drawing: Drawing, paper: Size) -> Answer:
        start = time.perf_counter()
        width, height, scale = reading_size(drawing, paper)
        if self._raster is None or (self._raster.size, self._raster.scale) != ((width, height), scale):
            self._raster = Raster((width, height), scale)
        self._raster.show(drawing)
        image = self._raster.image.copy()
        reading = read_drawing(self._recognizer, drawing, image)
        for number in reading.numbers:
            in_words(number.text)  # kept by its cache: the first call imports a library, which the window would feel
        return Answer(drawing, paper, image, scale, reading, time.perf_counter() - start)
