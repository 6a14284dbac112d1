"""Brackets around a part of a number, as around the area code of a telephone: each is a bent 1 by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from statistics import median

import numpy as np

from digitrec.candidates import Candidate
from digitrec.results import Image

BENT, BENT_TOGETHER = 0.06, 0.16
"""The middle of each lies so much of its height aside of its ends, outwards, and both together so much, ..."""

STRAYS = 0.1
"""... and it strays from a parabola by no more than this share of that: a 1 is bent by its flag or its foot."""

TALL = 0.85
"""Both are at least so many times as high as what usually stands between them."""

ALIKE, LEVEL = 0.7, 0.4
"""The shorter one is so much of the longer one's height, and their middles are so close in height, in heights."""

NARROW = 0.6
"""What is broader in heights is no bracket."""

MOST_BETWEEN = 6
"""So many digits stand between them."""

_LEAST_ROWS = 8


def drop_brackets(digits: list[Candidate], others: Sequence[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from brackets.

    Args:
        digits: what counts as digits.
        others: shapes that do not: of two brackets one may be among them.
    """
    if not digits:
        return digits, []
    narrow = [c for c in others if c.box.width <= NARROW * c.box.height]
    strokes = [(c, _bend(c.crop)) for c in [d for d in digits if d.digit == 1] + narrow]
    lefts, rights = [s for s in strokes if s[1] <= -BENT], [s for s in strokes if s[1] >= BENT]
    found: set[int] = set()
    for (left, bend), (right, other) in product(lefts, rights):
        if other - bend >= BENT_TOGETHER and _enclose(left, right, digits):
            found |= {id(left), id(right)}
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


def _bend(crop: Image) -> float:
    """How far the middle of an evenly bent upright stroke is to the right of its ends, in heights; uint8 (28, 28)."""
    ink = crop.astype(np.float64)
    rows = np.flatnonzero(ink.sum(axis=1) > 0)[1:-1]
    if len(rows) < _LEAST_ROWS:
        return 0.0
    middles = ink[rows] @ np.arange(ink.shape[1]) / ink[rows].sum(axis=1)
    along = np.linspace(-1, 1, len(rows))
    # Least squares one by one: on places evenly about 0 these three are orthogonal.
    square = along * along
    square -= square.mean()
    left = middles - middles.mean()
    left -= along * ((along @ left) / (along @ along))
    bend = (square @ left) / (square @ square)
    left -= bend * square
    return float(-bend / len(rows)) if math.sqrt(left @ left / len(rows)) <= STRAYS * abs(bend) else 0.0
