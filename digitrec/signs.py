"""What people write among digits, and what looks like one by itself: brackets, marks, slashes."""

from __future__ import annotations

from collections.abc import Sequence

from digitrec.brackets import drop_brackets
from digitrec.candidates import Candidate
from digitrec.marks import drop_marks
from digitrec.numbers import group
from digitrec.results import Box, Digit, Number, Reject
from digitrec.slashes import find_slashes

Sign = tuple[Candidate, str]
"""With what it is, for people."""


def drop_signs(digits: list[Candidate], others: Sequence[Candidate]) -> tuple[list[Candidate], list[Sign]]:
    """Part the digits from brackets and marks.

    Args:
        digits: what counts as digits.
        others: shapes that do not.
    """
    digits, brackets = drop_brackets(digits, others)
    digits, marks = drop_marks(digits, others)
    return digits, [(c, "a bracket") for c in brackets] + [(c, "a mark beside a number") for c in marks]


def grouped(
    digits: list[Digit], others: list[Box], drawn: bool
) -> tuple[tuple[Digit, ...], tuple[Number, ...], list[Reject]]:
    """The digits in reading order, their numbers, and those that are slashes between these instead.

    Args:
        digits: in any order.
        others: boxes of other ink.
        drawn: on a canvas, where a stroke is a 1, however long: a mouse keeps to no line.
    """
    ordered, numbers = group(digits, others)
    slashes = [] if drawn else find_slashes(ordered)
    if slashes:
        struck = {id(d) for d in slashes}
        left = [d for d in digits if id(d) not in struck]
        ordered, numbers = group(left, others + [d.box for d in slashes])
    why = "a slash between numbers"
    return ordered, numbers, [Reject(d.box, why, d.probabilities, d.crop, is_sign=True) for d in slashes]
