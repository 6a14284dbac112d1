"""Digits in a glare: where a sheet mirrors a lamp it is lighter, and its ink paler.

What shows through from the other side is as pale, but the sheet is no lighter there.
"""

from __future__ import annotations

import numpy as np

from digitrec.candidates import SURE, Candidate
from digitrec.context import TOO_FAINT, Doubtful, are_near, are_of_a_size
from digitrec.ranks import quantile
from digitrec.results import Box, Image

FAINTEST = 0.1
"""In a glare a digit beyond doubt has this share of the sure digits' contrast, and stands beside a plainer one."""

LIGHTER = 1.06
"""The sheet is so many times as light there."""

PAPER = 0.8
"""This quantile of the pixels about a digit is the sheet's, where the ink is dark."""

AROUND = 0.2
"""They lie in a box that is larger than the digit by so many of its heights."""

_SAMPLES = 24


def keep_in_glare(
    image: Image, digits: list[Candidate], doubtful: Doubtful, is_light: bool
) -> tuple[list[Candidate], Doubtful]:
    """Take back the digits that were too faint and lie in a glare.

    Args:
        image: uint8 (H, W, 3) or (H, W).
        digits: what counts as digits, boxes in its pixels.
        doubtful: what does not, and why.
        is_light: the writing is lighter than its ground.
    """
    plain = [d for d in digits if d.digit != 1 and d.confidence >= SURE]
    waiting = [d for d, why in doubtful if why == TOO_FAINT and d.confidence >= SURE]
    if not waiting or not plain:
        return digits, doubtful
    least = FAINTEST * max(d.contrast for d in plain)
    usual = float(np.median([_ground(image, d.box, is_light) for d in plain]))
    lit = [d for d in waiting if d.contrast >= least and _ground(image, d.box, is_light) >= LIGHTER * usual]
    found: set[int] = set()
    known = plain
    while known:  # from digit to digit into the glare
        known = [d for d in lit if id(d) not in found and any(are_near(d, k) and are_of_a_size(d, k) for k in known)]
        found |= {id(d) for d in known}
    kept = [d for d, _ in doubtful if id(d) in found]
    return digits + kept, [(d, why) for d, why in doubtful if id(d) not in found]


def _ground(image: Image, box: Box, is_light: bool) -> float:
    """How light the ground about a box is, 0-255."""
    margin, step = round(AROUND * box.height), max(1, box.height // _SAMPLES)
    rows = slice(max(0, box.y - margin), box.foot + margin, step)
    part = image[rows, max(0, box.x - margin) : box.x + box.width + margin : step]
    return quantile(part, 1 - PAPER if is_light else PAPER)
