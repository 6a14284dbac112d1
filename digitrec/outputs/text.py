"""Readings as lines: JSONL for programs, text for people."""

from __future__ import annotations

import json
from typing import Any

from digitrec.outputs.base import LineOutput, Lines, RunInfo
from digitrec.results import Digit, Frame, Number, Reading
from digitrec.words import in_words

_ENCODE = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode  # json.dumps makes one for each line


class JsonLines(LineOutput):
    """One JSON object a frame, in order (README, "JSONL")."""

    def __init__(self, lines: Lines, run: RunInfo) -> None:
        super().__init__(lines)
        self._words = run.words

    def write(self, frame: Frame, reading: Reading) -> None:
        """Append the frame's line."""
        self._put(_ENCODE(record(frame, reading, self._words)) + "\n")


def record(frame: Frame, reading: Reading, words: bool = False) -> dict[str, Any]:
    """The JSON object of one frame: times to the millisecond, probabilities to four places."""
    return {
        "source": frame.source,
        "frame": frame.index,
        "time_s": round(frame.time_s, 3),
        "size": list(frame.size),
        "digits": [_digit(d) for d in reading.digits],
        "numbers": [_number(n, words) for n in reading.numbers],
    }


def _digit(digit: Digit) -> dict[str, Any]:
    return {
        "id": digit.id,
        "box": [int(v) for v in digit.box],
        "digit": int(digit.digit),
        "confidence": round(float(digit.confidence), 4),
    }


def _number(number: Number, words: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": number.id,
        "box": [int(v) for v in number.box],
        "text": number.text,
        "confidence": round(float(number.confidence), 4),
    }
    if words:
        fields["words"] = in_words(number.text)
    return fields


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
