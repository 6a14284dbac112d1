"""Rules that follow one another at one distance: where one is missing among them, it is covered with writing.

A rule that digits cross is found in parts, each too short to be known as a rule. But its neighbours tell where it lies.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from digitrec.following import Followed, follow
from digitrec.results import Image
from digitrec.straight import Line, as_line

LEAST = 4
"""So many parallel rules are a sequence, ..."""

WHOLE = 0.6
"""... each of at least this share of the longest's length ..."""

PARALLEL_DEG = 4.0
"""... and turned by no more than this against the one beside it."""

REGULAR = 0.2
"""A gap is so many times the usual distance, but for this."""

WIDEST_GAP = 6
"""In a wider gap, in rules, nothing is missing: it is another sheet."""

INKED = 0.25
"""There is thin ink along so much of a rule."""


def missing_rules(mask: Image, rules: Sequence[Followed]) -> list[Followed]:
    """Those that lie between the others, as long as these are.

    Args:
        mask: uint8 (h, w), 255 ink.
        rules: that were found.
    """
    whole = WHOLE * max((f.line.length for f in rules), default=0)
    rules = [f for f in rules if f.line.length >= whole]
    level = [f for f in rules if abs(math.sin(f.line.angle)) < math.sin(math.pi / 4)]
    upright = [f for f in rules if abs(math.sin(f.line.angle)) >= math.sin(math.pi / 4)]
    return [found for group in (level, upright) if len(group) >= LEAST for found in _missing(mask, group)]


def _missing(mask: Image, rules: Sequence[Followed]) -> list[Followed]:
    """Those of one direction."""
    middle = mask.shape[1] / 2, mask.shape[0] / 2
    order = sorted(((_beside(f.line, middle), f) for f in rules), key=lambda pair: pair[0])
    pairs = [(a, b, place - before) for (before, a), (place, b) in pairwise(order)]
    apart = [gap for a, b, gap in pairs if gap > a.thickness + b.thickness]
    if len(apart) < LEAST - 1:
        return []
    pitch, found = float(np.median(apart)), list[Followed]()
    for a, b, gap in pairs:
        count = round(gap / pitch)
        turn = abs(math.degrees(math.sin(a.line.angle - b.line.angle)))
        if 2 <= count <= WIDEST_GAP and abs(gap / pitch - count) <= REGULAR * count and turn <= PARALLEL_DEG:
            lines = (_mixed(a.line, b.line, k / count) for k in range(1, count))
            found += [follow(mask, line, a.thickest) for line in lines]
    return [f for f in found if f.thin.sum() >= INKED * len(f.run)]


def _beside(line: Line, place: tuple[float, float]) -> float:
    """How far a line lies beside a place, pixels, downwards or to the right."""
    cos, sin = math.cos(line.angle), math.sin(line.angle)
    apart = line.offset - (place[1] * cos - place[0] * sin)
    return apart if abs(cos) >= abs(sin) or sin < 0 else -apart


def _mixed(a: Line, b: Line, share: float) -> Line:
    """The line that lies so far from one to another."""
    # Of two that stand upright the one may run upwards and the other downwards.
    others = (b.start, b.end) if math.cos(a.angle - b.angle) > 0 else (b.end, b.start)
    ends = ((np.array(a.point(p)), np.array(b.point(q))) for p, q in zip((a.start, a.end), others, strict=True))
    (x0, y0), (x1, y1) = ((1 - share) * p + share * q for p, q in ends)
    return as_line(float(x0), float(y0), float(x1), float(y1))
