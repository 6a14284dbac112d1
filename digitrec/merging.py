"""Of candidates of two levels for one place, which to believe."""

from __future__ import annotations

import numpy as np

from digitrec.candidates import SURE, THICK_STROKE_PX, Candidate
from digitrec.context import ALONE, CLUTTER
from digitrec.enclosing import is_blank_at, surrounds
from digitrec.geometry import as_array, overlap
from digitrec.results import NOT_A_DIGIT

NUMBER = 3
"""What has so many sure digits in its place, mere strokes aside, is none, whatever it looks like: a gap between notes,
the arm of a lamp."""

PART = 0.6
"""What has less than this share of the area of a sure digit with all its ink was a part of it."""


PLAIN = 0.9
"""Probability of being no digit of a thick shape whose bits are none either."""


def merge(fine: list[Candidate], coarse: list[Candidate], least: float, fuller: bool = False) -> list[Candidate]:
    """Of candidates of two levels for the same place keep one explanation.

    A thick stroke is hollow on the fine level, or broken where strokes cross and the blot is taken for dark paper, so
    there a coarse digit replaces the bits; otherwise fine digits stay, and a coarse one only replaces what the fine
    level could not read.

    Args:
        fine: of the finer level.
        coarse: of the other.
        least: what a digit is answered with, 0-1.
        fuller: the other one is no coarser: it has fainter ink, too.
    """
    if not fine or not coarse:
        return [*fine, *coarse]
    shared = overlap(as_array([c.box for c in coarse]), as_array([c.box for c in fine])) > 0.3
    sure = any(c.confidence >= SURE and c.digit != 1 for c in fine)
    replaced: set[int] = set()
    kept = []
    for candidate, row in zip(coarse, shared, strict=True):
        there = [int(i) for i in np.flatnonzero(row)]
        if sum(fine[i].confidence >= SURE and fine[i].digit != 1 for i in there) >= NUMBER:
            continue
        rivals = [i for i in there if not _is_beside(candidate, fine[i])]
        others = [fine[i] for i in rivals]
        if not rivals or _beats(candidate, others, least) or (fuller and _completes(candidate, others, least)):
            replaced |= set(rivals)
            kept.append(candidate)
        elif not (fuller and sure) and (_tells_stroke if fuller else _tells_bits)(candidate, others, least):
            replaced |= {i for i in rivals if fine[i].confidence >= least}
            kept.append(candidate)
    return [c for i, c in enumerate(fine) if i not in replaced] + kept


def _beats(coarse: Candidate, rivals: list[Candidate], least: float) -> bool:
    if coarse.confidence < (least if len(rivals) < CLUTTER else ALONE):
        return False
    if any(_is_around(coarse, r) for r in rivals):
        return False
    read = [r for r in rivals if r.confidence >= least and r.box.height > 0.4 * coarse.box.height]
    if not read or coarse.stroke < THICK_STROKE_PX:
        return not read
    broken = coarse.confidence >= SURE and any(_is_broken(r, coarse) for r in read)
    return broken or coarse.confidence > max(r.confidence for r in read)


def _tells_bits(coarse: Candidate, rivals: list[Candidate], least: float) -> bool:
    """Whether what was read are bits of one thick shape, which is no digit as a whole."""
    read = [r for r in rivals if r.confidence >= least]
    plain = coarse.probabilities[NOT_A_DIGIT] >= PLAIN and coarse.stroke >= THICK_STROKE_PX
    if not plain or not read:
        return False
    # Of strokes that cross the blot alone is lost: an arm of a Y is left beside a 1.
    bits = rivals if all(r.digit == 1 for r in read) else [max(read, key=lambda r: r.box.height)]
    return any(_is_broken(r, coarse) for r in bits)


def _tells_stroke(fuller: Candidate, rivals: list[Candidate], least: float) -> bool:
    """Whether what was read, where nothing is sure, is one stroke of a star or a cross that is paler elsewhere."""
    read = [r for r in rivals if r.confidence >= least]
    area = fuller.box.width * fuller.box.height
    bare = bool(read) and all(r.digit == 1 and r.box.width * r.box.height < PART * area for r in read)
    return bare and fuller.probabilities[NOT_A_DIGIT] >= PLAIN


def _is_broken(fine: Candidate, coarse: Candidate) -> bool:
    """Whether the ground around a shape is dark where the other one has ink."""
    return coarse.flatness > 2 * fine.flatness


def _is_beside(candidate: Candidate, digit: Candidate) -> bool:
    """Whether a sure digit, no mere stroke, lies in the box of another shape but aside of its ink."""
    aside = digit.confidence >= SURE and digit.digit != 1 and is_blank_at(candidate, digit.box)
    return aside and not _is_around(candidate, digit)


def _is_around(outer: Candidate, inner: Candidate) -> bool:
    """Whether a sure digit lies where the other has no ink; a stroke may be that in a 0."""
    return surrounds(outer, inner, large=inner.digit != 1)


def _completes(fuller: Candidate, rivals: list[Candidate], least: float) -> bool:
    """Whether what was read was but a part of what is read with fainter ink."""
    if fuller.confidence < SURE or len(rivals) >= CLUTTER or any(_is_around(fuller, r) for r in rivals):
        return False
    if fuller.digit == 1 and fuller.box.width > fuller.box.height:
        return False  # with what is left of a rule
    area = fuller.box.width * fuller.box.height
    return all(r.box.width * r.box.height < PART * area for r in rivals if r.confidence >= least)
