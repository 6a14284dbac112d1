"""Readings as lines: JSONL for programs, text for people."""

from __future__ import annotations

import json

from digitrec.outputs.base import LineOutput, Lines, RunInfo
from digitrec.results import Box, Digit, Frame, Number, Reading
from digitrec.words import in_words

_quoted = json.JSONEncoder(ensure_ascii=False).encode


class JsonLines(LineOutput):
    """One JSON object a frame, in order (README, "JSONL")."""

    def __init__(self, lines: Lines, run: RunInfo) -> None:
        super().__init__(lines)
        self._words = run.words

    def write(self, frame: Frame, reading: Reading) -> None:
        """Append the frame's line."""
        self._put(json_line(frame, reading, self._words) + "\n")


def json_line(frame: Frame, reading: Reading, words: bool = False) -> str:
    """The JSON object of one frame: times to the millisecond, probabilities to four places.

    Written field by field: of a video's time half as much goes into it as with objects made for ``json``.
    """
    width, height = frame.size
    digits = ", ".join(map(_digit, reading.digits))
    numbers = ", ".join(_number(n, words) for n in reading.numbers)
    return (
        f'{{"source": {_quoted(frame.source)}, "frame": {frame.index}, "time_s": {round(frame.time_s, 3)}, '
        f'"size": [{width}, {height}], "digits": [{digits}], "numbers": [{numbers}]}}'
    )


def _digit(digit: Digit) -> str:
    return (
        f'{{"id": {_id(digit.id)}, "box": {_box(digit.box)}, "digit": {int(digit.digit)}, '
        f'"confidence": {round(float(digit.confidence), 4)}}}'
    )


def _number(number: Number, words: bool) -> str:
    spoken = f', "words": {_quoted(in_words(number.text))}' if words else ""
    return (
        f'{{"id": {_id(number.id)}, "box": {_box(number.box)}, "text": {_quoted(number.text)}, '
        f'"confidence": {round(float(number.confidence), 4)}{spoken}}}'
    )


def _id(known: int | None) -> str:
    return "null" if known is None else str(known)


def _box(box: Box) -> str:
    x, y, width, height = box
    return f"[{int(x)}, {int(y)}, {int(width)}, {int(height)}]"


class TextLines(LineOutput):
    """A line whenever the reading changes ("12.4 s  7042 15"), one a picture ("page.jpg: 7042 15")."""

    def __init__(self, lines: Lines, run: RunInfo) -> None:
        super().__init__(lines)
        self._run = run
        self._last: tuple[str, ...] = ()
        self._source = ""

    def write(self, frame: Frame, reading: Reading) -> None:
        """Append a line if this reading differs from the frame before."""
        numbers = tuple(n.text for n in reading.numbers)
        if self._run.now.is_still:
            hint = f"  ({reading.hint.value})" if reading.hint is not None else ""
            self._put(f"{printable(frame.source)}: {self._spoken(numbers)}{hint}\n")
            return
        if frame.source != self._source:
            self._source, self._last = frame.source, ()
        if numbers != self._last:
            self._last = numbers
            name = f"{printable(frame.source)}  " if self._run.several else ""
            self._put(f"{name}{frame.time_s:.1f} s  {self._spoken(numbers)}\n")

    def _spoken(self, numbers: tuple[str, ...]) -> str:
        """As ``7042 15``, a dash for nothing; with words ``7042 (seven thousand and forty-two) 15 (fifteen)``."""
        if not numbers:
            return "-"
        return " ".join(f"{n} ({in_words(n)})" if self._run.words else n for n in numbers)


def printable(name: str) -> str:
    """A file name without control characters, which could steer the terminal."""
    return "".join(c if c.isprintable() else "?" for c in name)
