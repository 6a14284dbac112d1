"""What is shown on the drawing for each glyph: the reading together with the person's corrections. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from digitrec.numbers import group
from digitrec.results import NOT_A_DIGIT, Box, Digit, Image, Reading, Reject

_SAME_PLACE = 0.7
"""Boxes that overlap by this much of their union can be the same glyph: ink beside it may move a box by a pixel."""

_SAME_LOOK = 24.0
"""Crops that differ by less, mean grey levels a pixel, look the same; another digit in the same place differs by 40."""


class Kind(Enum):
    """How a mark is drawn."""

    READ = "read"
    REJECTED = "rejected"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Mark:
    """One glyph on the drawing.

    Attributes:
        box: pixels of the picture that was read.
        kind: read, rejected or corrected.
        digit: what is answered, 0-9; None for a reject.
        predicted: what the network said, 0-9, or 10 (not a digit).
        confidence: 0-1, of ``predicted``.
        reason: why it is rejected, for people; empty otherwise.
        probabilities: 11 of them, or none.
        crop: uint8 (28, 28), what the network saw, or None.
    """

    box: Box
    kind: Kind
    digit: int | None
    predicted: int
    confidence: float
    reason: str = ""
    probabilities: tuple[float, ...] = ()
    crop: Image | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Correction:
    """A person said that the glyph in ``box`` is ``label``; it holds while the glyph looks the same."""

    box: Box
    label: int
    crop: Image | None = field(default=None, repr=False, compare=False)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0-1."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a.width * a.height + b.width * b.height - width * height)


def _find(corrections: tuple[Correction, ...], box: Box, crop: Image | None) -> Correction | None:
    """The newest correction of the glyph in ``box``, while it is still the same glyph."""
    for correction in reversed(corrections):
        if overlap(box, correction.box) < _SAME_PLACE:
            continue
        if crop is None or correction.crop is None:
            return correction
        if float(np.abs(crop.astype(np.int16) - correction.crop).mean()) < _SAME_LOOK:
            return correction
    return None


def marks_of(reading: Reading, corrections: tuple[Correction, ...] = ()) -> tuple[Mark, ...]:
    """The digits in reading order, then the rejects, each with its correction where there is one."""
    marks = [
        Mark(d.box, Kind.READ, d.digit, d.digit, d.confidence, "", d.probabilities, d.crop) for d in reading.digits
    ]
    marks += [_reject_mark(r) for r in reading.rejects]
    return tuple(_corrected(m, corrections) for m in marks)


def _reject_mark(reject: Reject) -> Mark:
    p = reject.probabilities
    best = max(range(len(p)), key=p.__getitem__) if p else NOT_A_DIGIT
    return Mark(reject.box, Kind.REJECTED, None, best, p[best] if p else 0.0, reject.reason, p, reject.crop)


def _corrected(mark: Mark, corrections: tuple[Correction, ...]) -> Mark:
    found = _find(corrections, mark.box, mark.crop)
    return mark if found is None else replace(mark, kind=Kind.CORRECTED, digit=found.label, reason="")


def corrected_reading(reading: Reading, corrections: tuple[Correction, ...]) -> Reading:
    """The reading as the person corrected it: a labelled glyph is a digit (of confidence 1), a labelled reject too."""
    if not corrections:
        return reading
    digits = []
    for digit in reading.digits:
        found = _find(corrections, digit.box, digit.crop)
        digits.append(digit if found is None else replace(digit, digit=found.label, confidence=1.0))
    rejects = []
    for reject in reading.rejects:
        found = _find(corrections, reject.box, reject.crop)
        if found is None:
            rejects.append(reject)
        else:
            digits.append(Digit(reject.box, found.label, 1.0, None, reject.probabilities, reject.crop))
    ordered, numbers = group(digits, [r.box for r in rejects])
    return replace(reading, digits=ordered, numbers=numbers, rejects=tuple(rejects))


def mark_at(marks: tuple[Mark, ...], x: float, y: float, slack: float = 0.0) -> int | None:
    """The index of the mark at a pixel of the picture: the smallest box that holds it, grown by ``slack`` pixels."""
    best: tuple[int, int] | None = None
    for index, mark in enumerate(marks):
        left, top, width, height = mark.box
        inside = left - slack <= x < left + width + slack and top - slack <= y < top + height + slack
        if inside and (best is None or width * height < best[0]):
            best = width * height, index
    return None if best is None else best[1]
