"""Pale ink: a hard pencil, a pen that runs dry, a sheet in fog or with the light behind it.

Ink of little depth is paper's texture on most pages. Where all that is read is as pale, or nothing is, it may be
writing.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np

from digitrec.candidates import SURE, Candidate
from digitrec.ink import INK_SHARE, LEAST_DEPTH, NOISE_FACTOR, InkLevel, InkLook

PALE = InkLook(least_depth=6, least_darker=3)
"""How it is told from paper."""

PALEST = LEAST_DEPTH / INK_SHARE
"""Ink of less depth (0-255) begins at the least depth of any, not at its own share: its faint strokes are lost."""


DIGITS, LEAST_SIDE_PX = 2, 16
"""Where nothing is read, so many strokes of so much length or more may be digits, ..."""

LONG = 0.1
"""... if they are this share of all: of a paper's grain nearly all is shorter, ..."""

RULE = (0.5, 0.1)
"""... what is so many times as long as the picture's shorter side is a rule where it is no broader than this share of
that, and squared paper where it is as broad as that, ..."""

FEW = 60
"""... among no more shapes than this: in a room there are strokes of any depth, ..."""

MOST = 0.1
"""... and more ink than this share of the picture is a texture."""


def may_be_pale(level: InkLevel, candidates: Sequence[Candidate]) -> bool:
    """Whether the digits of a picture are pale, by the median of those that are sure; or there may be some that are.

    Args:
        level: the finest ink.
        candidates: all that was taken for a shape.
    """
    depths = [c.contrast for c in candidates if c.confidence >= SURE and c.digit != 1]
    if len(depths) >= DIGITS:
        return median(depths) < PALEST
    return len(candidates) < FEW and _has_pale_ink(level)


def _has_pale_ink(level: InkLevel) -> bool:
    """Whether there are strokes, darker than the paper's noise, that are no ink."""
    _, dark = cv2.threshold(level.depth, max(PALE.least_depth, NOISE_FACTOR * level.noise), 255, cv2.THRESH_BINARY)
    strokes = cv2.erode(cv2.subtract(dark, level.mask), np.ones((2, 2), np.uint8))
    if not DIGITS * LEAST_SIDE_PX <= cv2.countNonZero(strokes) <= MOST * strokes.size:
        return False
    stats = cv2.connectedComponentsWithStats(strokes, connectivity=8)[2][1:]
    sides = np.sort(stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]], axis=1)
    short, long = sides.T
    across = long >= RULE[0] * min(strokes.shape)
    digits = (long >= LEAST_SIDE_PX) & ~(across & ((short <= RULE[1] * long) | (short >= RULE[0] * min(strokes.shape))))
    return bool(digits.sum() >= max(DIGITS, LONG * len(sides)))
