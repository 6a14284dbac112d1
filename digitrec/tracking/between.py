"""The reading of a frame between two others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from digitrec.geometry import as_array
from digitrec.results import Box, Digit, Reading
from digitrec.tracking.agreement import Course, mixed
from digitrec.tracking.glyphs import box_at

_ById = dict[int | None, Digit]


def reading_between(first: Reading, last: Reading, course: Course, frame: int) -> Reading:
    """What the nearer of two tracked readings says, where the digits are meanwhile.

    Args:
        first: of a frame that was read.
        last: of the next one that was.
        course: how their digits went from the one to the other.
        frame: which of the frames between them, from 1.
    """
    share = frame / (len(course.astray) + 1)
    known = _by_id(first), _by_id(last)
    nearer, digits = (first, known[0]) if share < 0.5 else (last, known[1])
    places = _places(digits, known, course, frame)
    moved = {name: digit.at(places[name]) for name, digit in digits.items()}
    numbers = tuple(n.of(tuple(moved.get(d.id, d) for d in n.digits)) for n in nearer.numbers)
    shown = tuple(moved.get(d.id, d) for d in nearer.digits)
    return replace(nearer, digits=shown, numbers=numbers)


def _places(digits: _ById, known: tuple[_ById, _ById], course: Course, frame: int) -> dict[int | None, Box]:
    """Where each digit is in the frame: on the straight way, and as far beside it as the digit next to it."""
    if not digits:
        return {}
    share = frame / (len(course.astray) + 1)
    starts, ends = (as_array([ids.get(name, digit).box for name, digit in digits.items()]) for ids in known)
    boxes = mixed(starts, ends, share)
    centers = boxes[:, :2] + boxes[:, 2:] / 2
    if len(course.starts):
        begin = starts[:, :2] + starts[:, 2:] / 2
        apart = begin[:, None] - course.starts[None]
        centers = centers + course.astray[frame - 1][np.hypot(apart[..., 0], apart[..., 1]).argmin(axis=1)]
    return {name: box_at(center, size) for name, center, size in zip(digits, centers, boxes[:, 2:], strict=True)}


def _by_id(reading: Reading) -> _ById:
    """All digits with an identity, those too that are covered for the moment."""
    covered = (d for number in reading.numbers for d in number.digits)
    return {d.id: d for d in (*covered, *reading.digits) if d.id is not None}
