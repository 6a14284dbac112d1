"""What shows through from the other side of a sheet: pale, turned about, and so mostly no digits."""

from __future__ import annotations

from digitrec.candidates import SURE, Candidate
from digitrec.context import CONTRAST, LETTER, SMALL, may_be_letter
from digitrec.results import NOT_A_DIGIT

PALE = 0.4
"""It has less than this share of the contrast of the darkest sure digit."""

LEAST, MANY = 5, 2.0
"""So many such shapes are no digits, and so many times as many as are."""


def drop_ghosts(digits: list[Candidate], rejects: list[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """Part the digits from what shows through.

    Args:
        digits: what counts as digits.
        rejects: the other shapes of the frame.
    """
    darkest = max((c.contrast for c in digits if c.digit != 1 and c.confidence >= SURE), default=0.0)
    pale = [c for c in digits if c.contrast < PALE * darkest]
    if not pale:
        return digits, []
    lowest, faintest = SMALL * min(c.box.height for c in pale), CONTRAST * min(c.contrast for c in pale)
    others = (r for r in rejects if r.probabilities[NOT_A_DIGIT] >= LETTER and may_be_letter(r.box))
    alike = sum(faintest <= r.contrast < PALE * darkest and r.box.height >= lowest for r in others)
    if alike < max(LEAST, MANY * len(pale)):
        return digits, []
    return [c for c in digits if c.contrast >= PALE * darkest], pale
