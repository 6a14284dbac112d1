"""A bare stroke or oval on a canvas is meant: before a camera it may as well be a pen, an edge, a cup or a doodle."""

from __future__ import annotations

from dataclasses import replace

from digitrec.numbers import group
from digitrec.results import NOT_A_DIGIT, Digit, Reading, Reject

ODDS = 0.05
"""So many times less often than before a camera such a shape on a canvas is no digit."""

BARE = 0.9
"""A shape is bare when it is a 1 or no digit with this probability, or a 0 or no digit, ..."""

UPRIGHT, ROUND = 1.5, 0.85
"""... and, of a stroke and of an oval, so many times as high as wide."""

LEAST = 0.5
"""It is answered with this probability, by the odds of a canvas."""


def with_bare_shapes(reading: Reading) -> Reading:
    """``reading`` of a canvas, its bare strokes 1s and its bare ovals 0s; not so where something else is drawn, too."""
    meant = {id(r): digit for r in reading.rejects if (digit := _as_digit(r)) is not None}
    if not meant or len(meant) < len(reading.rejects):
        return reading
    answered = [digit for digit in meant.values() if digit.confidence >= LEAST]
    left = tuple(r for r in reading.rejects if meant[id(r)].confidence < LEAST)
    if not answered:
        return reading
    digits, numbers = group([*reading.digits, *answered], [r.box for r in left])
    return replace(reading, digits=digits, numbers=numbers, rejects=left, hint=None, hint_detail="")


def _as_digit(reject: Reject) -> Digit | None:
    """A bare shape as a digit, its probabilities by the odds of a canvas (Bayes' rule); None for another shape."""
    p = reject.probabilities
    if len(p) != NOT_A_DIGIT + 1:
        return None
    digit, least = (1, UPRIGHT) if p[1] > p[0] else (0, ROUND)
    if p[digit] + p[NOT_A_DIGIT] < BARE or reject.box.height < least * reject.box.width:
        return None
    weighed = [*p[:NOT_A_DIGIT], ODDS * p[NOT_A_DIGIT]]
    total = sum(weighed)
    probabilities = tuple(v / total for v in weighed)
    return Digit(reject.box, digit, probabilities[digit], None, probabilities, reject.crop)
