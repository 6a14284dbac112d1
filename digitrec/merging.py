"""Of candidates of two levels for one place, which to believe."""

from __future__ import annotations

import numpy as np

from digitrec.candidates import SURE, THICK_STROKE_PX, Candidate
from digitrec.context import ALONE, CLUTTER
from digitrec.enclosing import surrounds
from digitrec.geometry import as_array, overlap


def merge(fine: list[Candidate], coarse: list[Candidate], least: float) -> list[Candidate]:
    """Of candidates of two levels for the same place keep one explanation.

    A thick stroke is hollow on the fine level, or broken where strokes cross and the blot is taken for dark paper, so
    there a coarse digit replaces the bits; otherwise fine digits stay, and a coarse one only replaces what the fine
    level could not read.
    """
    if not fine or not coarse:
        return [*fine, *coarse]
    shared = overlap(as_array([c.box for c in coarse]), as_array([c.box for c in fine])) > 0.3
    replaced: set[int] = set()
    kept = []
    for candidate, row in zip(coarse, shared, strict=True):
        rivals = [int(i) for i in np.flatnonzero(row)]
        if not rivals or _beats(candidate, [fine[i] for i in rivals], least):
            replaced |= set(rivals)
            kept.append(candidate)
    return [c for i, c in enumerate(fine) if i not in replaced] + kept


def _beats(coarse: Candidate, rivals: list[Candidate], least: float) -> bool:
    if coarse.confidence < (least if len(rivals) < CLUTTER else ALONE):
        return False
    if any(surrounds(coarse, r) for r in rivals):
        return False
    read = [r for r in rivals if r.confidence >= least and r.box.height > 0.4 * coarse.box.height]
    if not read or coarse.stroke < THICK_STROKE_PX:
        return not read
    broken = coarse.confidence >= SURE and coarse.flatness > 2 * min(r.flatness for r in read)
    return broken or coarse.confidence > max(r.confidence for r in read)
