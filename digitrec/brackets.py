"""Brackets around a part of a number, as around the area code of a telephone: each is a bent 1 by itself."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from statistics import median

from digitrec.candidates import Candidate
from digitrec.uprights import upright

BENT, BENT_TOGETHER = 0.06, 0.16
"""The middle of each lies so much of its height aside of its ends, outwards, and both together so much."""

BENT_ALONE, BENT_LONG = 0.12, 0.07
"""One alone is bent by so much, as of a thousand 1s two are; one behind a digit, as in a list, by so much, ..."""

LONG = 1.1
"""... where it is so many times as high as that, ..."""

LEAN = 0.35
"""... and leans by no more than so many of its heights."""

TALL = 0.85
"""It is at least so many times as high as what usually stands between two, or beside one, ..."""

BESIDE = 1.0
"""... and stands alone within so many of its heights of that."""

ALIKE, LEVEL = 0.7, 0.4
"""The shorter one is so much of the longer one's height, and their middles are so close in height, in heights."""

NARROW = 0.6
"""What is broader in heights is no bracket."""

MOST_BETWEEN = 6
"""So many digits stand between them."""


def drop_brackets(digits: list[Candidate], others: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from brackets.

    Args:
        digits: what counts as digits.
        others: shapes that do not: of two brackets one may be among them.
    """
    if not digits:
        return digits, []
    ones = [(d, upright(d.crop)) for d in digits if d.digit == 1]
    narrow = [(c, upright(c.crop)) for c in others if c.box.width <= NARROW * c.box.height]
    strokes = [(c, shape.bend) for c, shape in ones + narrow]
    lefts, rights = [s for s in strokes if s[1] <= -BENT], [s for s in strokes if s[1] >= BENT]
    found: set[int] = set()
    for (left, bend), (right, other) in product(lefts, rights):
        if other - bend >= BENT_TOGETHER and _enclose(left, right, digits):
            found |= {id(left), id(right)}
    single = ((c, shape.bend) for c, shape in ones if abs(shape.lean) <= LEAN)
    found |= {id(stroke) for stroke, bend in single if _is_alone(stroke, bend, digits)}
    return [d for d in digits if id(d) not in found], [d for d in digits if id(d) in found]


def _enclose(left: Candidate, right: Candidate, digits: Sequence[Candidate]) -> bool:
    """Whether two strokes may be brackets around what stands between them."""
    (ax, ay), (bx, by) = left.box.center, right.box.center
    short, long = sorted((left.box.height, right.box.height))
    if ax >= bx or short < ALIKE * long or abs(ay - by) > LEVEL * long:
        return False
    between = [d for d in digits if ax < d.box.center[0] < bx and abs(d.box.center[1] - (ay + by) / 2) < LEVEL * long]
    if not 1 <= len(between) <= MOST_BETWEEN:
        return False
    return short >= TALL * median(d.box.height for d in between)


def _is_alone(stroke: Candidate, bend: float, digits: Sequence[Candidate]) -> bool:
    """Whether a stroke is a bracket before or behind a digit, which is not so high that it is a 1 that bends."""
    if abs(bend) < BENT_ALONE and bend < BENT_LONG:
        return False
    most = 1 / TALL if abs(bend) >= BENT_ALONE else 1 / LONG
    height, (x, y) = stroke.box.height, stroke.box.center
    near: list[tuple[float, int]] = []
    for d in digits:
        aside = (x - d.box.center[0]) if bend > 0 else (d.box.center[0] - x)
        gap = aside - (stroke.box.width + d.box.width) / 2
        if d is not stroke and aside > 0 and gap <= BESIDE * height and abs(d.box.center[1] - y) <= LEVEL * height:
            near.append((aside, d.box.height))
    return bool(near) and min(near)[1] <= most * height
