"""A bare stroke on a canvas is meant: before a camera it may as well be a pen, a crack or the edge of a sheet."""

from __future__ import annotations

from dataclasses import replace

from digitrec.numbers import group
from digitrec.results import NOT_A_DIGIT, Digit, Reading, Reject

ODDS = 0.05
"""So many times less often than before a camera a stroke on a canvas is no digit."""

BARE = 0.9
"""A shape is a bare stroke when it is a 1 or no digit with this probability ..."""

UPRIGHT = 1.5
"""... and so many times as high as wide."""

LEAST = 0.5
"""A stroke is answered with this probability, by the odds of a canvas."""


def with_bare_strokes(reading: Reading) -> Reading:
    """``reading`` of a canvas, its bare strokes taken for 1s unless something else than digits is drawn beside them."""
    meant = {id(r): _as_one(r) for r in reading.rejects if _is_bare(r)}
    if not meant or len(meant) < len(reading.rejects):
        return reading
    ones = [digit for digit in meant.values() if digit.confidence >= LEAST]
    left = tuple(r for r in reading.rejects if meant[id(r)].confidence < LEAST)
    if not ones:
        return reading
    digits, numbers = group([*reading.digits, *ones], [r.box for r in left])
    return replace(reading, digits=digits, numbers=numbers, rejects=left, hint=None, hint_detail="")


def _is_bare(reject: Reject) -> bool:
    p = reject.probabilities
    if len(p) != NOT_A_DIGIT + 1 or reject.box.height < UPRIGHT * reject.box.width:
        return False
    return p[1] + p[NOT_A_DIGIT] >= BARE


def _as_one(reject: Reject) -> Digit:
    """The stroke as a 1, its probabilities by the odds of a canvas (Bayes' rule)."""
    p = [*reject.probabilities[:NOT_A_DIGIT], ODDS * reject.probabilities[NOT_A_DIGIT]]
    total = sum(p)
    probabilities = tuple(v / total for v in p)
    return Digit(reject.box, 1, probabilities[1], None, probabilities, reject.crop)
