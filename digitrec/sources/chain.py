"""Several inputs one after the other, as one source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from digitrec.errors import SourceError
from digitrec.results import Frame
from digitrec.sources.base import ClosingMixin, Source
from digitrec.sources.images import PictureSource
from digitrec.sources.specs import Item

NEVER_ENDS = "{} was passed over: it is a stream, which never ends, so nothing could follow it. Give it alone."


class ChainSource(ClosingMixin):
    """Opens one input at a time; those that cannot be read are noted in ``problems`` and passed over.

    Pictures are numbered 0, 1, 2 ... over the whole chain; the frames of each video by themselves. ``Frame.source``
    names the input.

    Args:
        items: the inputs.
        open_item: opens one; raises SourceError.

    Raises:
        SourceError: when iterating, at the end: not one could be read.
    """

    is_live = False

    def __init__(self, items: Sequence[Item], open_item: Callable[[Item], Source]) -> None:
        self.name = f"{len(items)} inputs"
        self.frame_count = len(items) if all(item.may_be_picture for item in items) else None
        self._items = list(items)
        self._open_item = open_item
        self._next_item = 0
        self._pictures = 0
        self._was_any_read = False
        self._current: Source | None = None
        self._left: Source | None = None
        self._past_problems: list[str] = []

    @property
    def problems(self) -> list[str]:
        """Of all inputs so far."""
        return self._past_problems + [p for s in (self._left, self._current) if s is not None for p in s.problems]

    @property
    def fps(self) -> float | None:
        """Of the current input."""
        return self._current.fps if self._current else None

    @property
    def position(self) -> tuple[int, int]:
        """(inputs begun, inputs in all), for the progress."""
        return self._next_item, len(self._items)

    def __next__(self) -> Frame:
        self._close_left()
        while self._current is not None or self._open_next():
            try:
                frame = next(self._current) if self._current else None
            except StopIteration:
                frame = None
            except SourceError as error:
                self._past_problems.append(error.message)
                frame = None
            if frame is not None:
                self._was_any_read = True
                return self._numbered(frame)
            self._leave_current()
        if not self._was_any_read and self._past_problems:
            raise SourceError(
                f"none of the {len(self._items)} inputs could be read; the first: {self._past_problems[0]}"
            )
        raise StopIteration

    def _open_next(self) -> bool:
        """Open the next input that can be; False where none is left."""
        while self._next_item < len(self._items):
            item = self._items[self._next_item]
            self._next_item += 1
            try:
                source = self._open_item(item)
            except SourceError as error:
                self._past_problems.append(error.message)
                continue
            if not source.is_live:
                self._current = source
                return True
            source.close()  # an address whose server answers with a stream
            self._past_problems.append(NEVER_ENDS.format(source.name))
        return False

    def _numbered(self, frame: Frame) -> Frame:
        if not isinstance(self._current, PictureSource):
            return frame
        self._pictures += 1
        return replace(frame, index=self._pictures - 1)

    def _leave_current(self) -> None:
        """The input has no more frames; it stays open until one is wanted after the next: of its last some may wait."""
        self._close_left()
        self._left, self._current = self._current, None

    def _close_left(self) -> None:
        if self._left is not None:
            self._past_problems += self._left.problems
            self._left.close()
            self._left = None

    def seek(self, time_s: float) -> bool:
        """Within the current video."""
        return self._current.seek(time_s) if self._current else False

    def close(self) -> None:
        """Close the current input and open no other."""
        self._next_item = len(self._items)
        self._was_any_read = True
        self._leave_current()
        self._close_left()
