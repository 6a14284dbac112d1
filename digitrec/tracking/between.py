"""The readings of the frames between two others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from digitrec.geometry import as_array
from digitrec.results import Box, Digit, Reading
from digitrec.tracking.agreement import Course

_ById = dict[int | None, Digit]


def readings_between(first: Reading, last: Reading, course: Course) -> Iterator[Reading]:
    """What the nearer of two tracked readings says, where the digits are meanwhile, of each frame between them.

    Args:
        first: of a frame that was read.
        last: of the next one that was.
        course: how their digits went from the one to the other.
    """
    frames = range(1, len(course.astray) + 1)
    half = (len(frames) + 2) // 2  # from here on the last is as near
    known = _by_id(first), _by_id(last)
    for nearer, digits, near in ((first, known[0], frames[: half - 1]), (last, known[1], frames[half - 1 :])):
        for places in _places(digits, known, course, near).tolist():
            moved = {name: digit.at(Box(*at)) for (name, digit), at in zip(digits.items(), places, strict=True)}
            numbers = tuple(n.of(tuple(moved.get(d.id, d) for d in n.digits)) for n in nearer.numbers)
            shown = tuple(moved.get(d.id, d) for d in nearer.digits)
            yield replace(nearer, digits=shown, numbers=numbers)


def _places(digits: _ById, known: tuple[_ById, _ById], course: Course, frames: Sequence[int]) -> NDArray[np.int64]:
    """(F, N, 4) boxes, pixels: each digit in each frame on the straight way, and as far beside it as the next one."""
    if not digits or not frames:
        return np.zeros((len(frames), len(digits), 4), np.int64)
    starts, ends = (as_array([ids.get(name, digit).box for name, digit in digits.items()]) for ids in known)
    share = np.array(course.shares)[[frame - 1 for frame in frames]][:, None, None]
    boxes = (1 - share) * starts + share * ends
    centers = boxes[..., :2] + boxes[..., 2:] / 2
    if len(course.starts):
        apart = (starts[:, :2] + starts[:, 2:] / 2)[:, None] - course.starts[None]
        nearest = np.hypot(apart[..., 0], apart[..., 1]).argmin(axis=1)
        centers += np.stack([course.astray[frame - 1][nearest] for frame in frames])
    sizes = np.maximum(1, np.rint(boxes[..., 2:]))
    return np.concatenate([np.rint(centers - sizes / 2), sizes], axis=2).astype(np.int64)


def _by_id(reading: Reading) -> _ById:
    """All digits with an identity, those too that are covered for the moment."""
    covered = (d for number in reading.numbers for d in number.digits)
    return {d.id: d for d in (*covered, *reading.digits) if d.id is not None}
